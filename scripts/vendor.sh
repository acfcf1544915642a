#!/bin/sh
# Writes backend/static/vendor/, one ES module each:
#   dag-cbor.js       @ipld/dag-cbor with the CID class of multiformats
#   walletconnect.js  WalletConnect's client and a QR code's drawing, and the licences of all that is in it
# Run it from the repository root after `npm ci` when one of their versions changes: in package.json, or for the second in
# scripts/vendor/package.json, whose packages nobody else needs and which are therefore installed for this alone.
# The fonts in backend/static/fonts are Literata and Commissioner (npm @fontsource-variable/*, 5.3.0), cut with fonttools:
#   fonttools varLib.instancer <family>-<script>-wght-<style>.woff2 wght=400:700 -o cut.ttf
#   pyftsubset cut.ttf --unicodes=<range> --no-hinting --layout-features=kern,liga,mark,mkmk,ccmp,locl,onum,lnum,tnum --flavor=woff2
# <range> is '*' except for upright latin, which is cut in two: -latin has ASCII and the marks of typesetting, -latin-ext the
# letters with accents. The unicode-range of each in koinon.css says which; a page in English loads the first alone.
set -eu
cd "$(dirname "$0")/.."
version() { node -p "require('./node_modules/$1/package.json').version"; }
printf '%s\n' "export { encode, decode } from '@ipld/dag-cbor'" "export { CID } from 'multiformats/cid'" |
  node_modules/@esbuild/*/bin/esbuild --bundle --format=esm --target=es2022 --minify --legal-comments=none \
    --sourcefile=vendor.js --banner:js="/*! @ipld/dag-cbor $(version @ipld/dag-cbor), multiformats $(version multiformats): \
(c) Protocol Labs, Apache-2.0 OR MIT; cborg $(version cborg): (c) Rod Vagg, Apache-2.0. Built by scripts/vendor.sh */" \
    --outfile=backend/static/vendor/dag-cbor.js

# 2.21.8 is the last release of @walletconnect/* under a free licence: docs/decisions/0015.
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp .npmrc scripts/vendor/package.json scripts/vendor/package-lock.json scripts/vendor/walletconnect.js "$folder"
(cd "$folder" && npm ci)
esbuild=$(echo "$PWD"/node_modules/@esbuild/*/bin/esbuild)
target=$PWD/backend/static/vendor
client=$(node -p "require('$folder/node_modules/@walletconnect/sign-client/package.json').version")
(cd "$folder" && "$esbuild" walletconnect.js --bundle --format=esm --target=es2022 --minify --legal-comments=none \
    --define:global=globalThis --define:process.env.NODE_ENV='"production"' --metafile=meta.json \
    --banner:js="/*! @walletconnect/sign-client $client: (c) WalletConnect, Apache-2.0; the rest of it and all licences: \
walletconnect.LICENSES.txt. Built by scripts/vendor.sh */" \
    --outfile="$target/walletconnect.js")
(cd "$folder" && node "$OLDPWD/scripts/vendor/licenses.mjs" meta.json walletconnect.js) >"$target/walletconnect.LICENSES.txt"
