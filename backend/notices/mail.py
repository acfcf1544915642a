"""E-mail: letters in the account's language, and the one door to the SMTP server."""

import smtplib
import ssl
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.policy import compat32, default
from email.utils import formatdate
from unicodedata import category
from urllib.parse import unquote, urlsplit

from backend import clock
from backend.config import Settings
from backend.currency import currency_of
from backend.host import Host
from backend.notices.queries import author_of
from backend.notices.tables import Notice, NoticeChoice
from backend.notices.words import sentence
from backend.problems import Malformed, Unavailable
from backend.texts import Say
from indexer.tables.columns import ZERO_ADDRESS
from indexer.tables.community import Community

PATIENCE_SECONDS = 20
FOR_GOOD = 500


class MailFailed(Unavailable):
    """The SMTP server is away, or does not take mail now."""

    slug, title = "mail-failed", "The mail server does not take mail right now"


class MailRefused(Malformed):
    """This mail will never be taken."""

    slug, title = "mail-refused", "The mail server refuses this mail"


class AddressRefused(MailRefused):
    """Nor will others to its address."""

    slug, title = "address-refused", "The mail server takes no mail for this address"


def letter(host: Host, notice: Notice, choice: NoticeChoice, *, community: str) -> EmailMessage:
    """The mail of a notice."""
    say, at = Say(choice.language), clock.now()
    with host.database.reading() as session:
        row = session.get(Community, (notice.chain_id, notice.community))
        name = author_of(session, notice.chain_id, notice.community, notice.params)
    native = row is None or row.currency == ZERO_ADDRESS or notice.params.get("coin")
    currency = currency_of(host.chain, None if native or row is None else row.currency)
    words = _line(sentence(say, notice.kind, notice.params, community=community, currency=currency, at=at, name=name))
    base = host.settings.base_url
    off = f"{base}/mail/off?token={choice.token}"
    text = "\n\n".join(
        [words, f"{base}{notice.path}", say._("You get no more mail after a click here: %(link)s") % {"link": off}]
    )
    message = _message(host.settings, choice.address, say._("News from %(community)s") % {"community": community}, text)
    message["Message-ID"] = f"<notice-{notice.id}-{choice.token[:12]}@{host.settings.domain.partition(':')[0]}>"
    message["List-Unsubscribe"] = f"<{off}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return message


def confirmation(settings: Settings, address: str, *, token: str, language: str) -> EmailMessage:
    """The mail that asks whether this address wants mail."""
    say = Say(language)
    link = f"{settings.base_url}/mail/confirm?token={token}"
    asked = say._("Somebody, we hope you, asked for news from %(home)s at this address. It starts after a click here:")
    stop = say._("If it was not you, do nothing: no more mail will come.")
    text = "\n\n".join([asked % {"home": settings.base_url}, link, stop])
    subject = say._("Do you want mail from %(home)s?") % {"home": settings.domain}
    return _message(settings, address, subject, text)


def send(settings: Settings, message: EmailMessage) -> None:
    """The server has taken the mail. Raises MailFailed, MailRefused."""
    if BytesHeaderParser(policy=compat32).parsebytes(message.as_bytes()).keys() != message.keys():
        raise MailRefused("The mail would not arrive with the headers that it was given.")
    parts = urlsplit(settings.smtp)
    secure = parts.scheme == "smtps"
    connect = smtplib.SMTP_SSL if secure else smtplib.SMTP
    try:
        with connect(parts.hostname or "", parts.port or (465 if secure else 587), timeout=PATIENCE_SECONDS) as server:
            server.ehlo()
            if not secure and server.has_extn("starttls"):
                server.starttls(context=ssl.create_default_context())
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
            server.send_message(message)
    except (OSError, smtplib.SMTPException) as error:
        raise _failure(error)(f"The mail server did not take it: {error}") from error


def _failure(error: Exception) -> type[MailFailed | MailRefused]:
    """What it means: 5xx is for good (RFC 5321 §4.2.1), but of sign-in and sender it says nothing about the mail."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return AddressRefused if all(code >= FOR_GOOD for code, _ in error.recipients.values()) else MailFailed
    if isinstance(error, smtplib.SMTPNotSupportedError):  # an address beyond ASCII
        return AddressRefused
    return MailRefused if isinstance(error, smtplib.SMTPDataError) and error.smtp_code >= FOR_GOOD else MailFailed


def _message(settings: Settings, to: str, subject: str, text: str) -> EmailMessage:
    message = EmailMessage(policy=default.clone(max_line_length=998))  # a link is never broken (RFC 5322 §2.1.1)
    message["From"] = settings.mail_from or f"koinon@{settings.domain.partition(':')[0]}"
    message["To"] = to
    message["Subject"] = _line(subject).replace("=?", "= ?")  # EmailMessage decodes encoded words (RFC 2047)
    message["Date"] = formatdate(clock.now())
    message.set_content(text)
    return message


def _line(text: str) -> str:
    """The text on one line: names and titles may hold line breaks and other control characters."""
    return " ".join("".join(" " if category(each) in ("Cc", "Cs") else each for each in text).split())
