#!/bin/sh
# Writes backend/static/vendor/dag-cbor.js: @ipld/dag-cbor with the CID class of multiformats, as one ES module.
# Run it from the repository root after `npm ci` when one of their versions in package.json changes.
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
