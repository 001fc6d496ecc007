"""A second look for secrets, by detect-secrets (the extra `secrets`): more services, web tokens, passwords in URLs.

Its entropy plugins stay out: they flag ordinary hashes, and a file that is not sent is a task that cannot be done.
"""

from __future__ import annotations

from routecli.errors import ConfigFault

PLUGINS = (
    "ArtifactoryDetector", "AWSKeyDetector", "AzureStorageKeyDetector", "BasicAuthDetector", "CloudantDetector",
    "DiscordBotTokenDetector", "GitHubTokenDetector", "GitLabTokenDetector", "IbmCloudIamDetector",
    "IbmCosHmacDetector", "JwtTokenDetector", "MailchimpDetector", "NpmDetector", "OpenAIDetector",
    "PrivateKeyDetector", "PypiTokenDetector", "SendGridDetector", "SlackDetector", "SoftlayerDetector",
    "SquareOAuthDetector", "StripeDetector", "TelegramBotTokenDetector", "TwilioKeyDetector",
)  # fmt: skip


def second_look(text: str) -> str:
    """The kind of secret that `text` holds, in the scanner's words; empty for none. Raises ConfigFault: it is not
    installed."""
    try:
        from detect_secrets.core.scan import scan_line
        from detect_secrets.settings import transient_settings
    except ImportError:
        raise ConfigFault(
            'context.secret_scan is "full", and detect-secrets is not installed',
            hint="pip install 'routecli[secrets]'",
        ) from None
    with transient_settings({"plugins_used": [{"name": name} for name in PLUGINS]}):
        for line in text.splitlines():
            for found in scan_line(line):
                return str(found.type)
    return ""
