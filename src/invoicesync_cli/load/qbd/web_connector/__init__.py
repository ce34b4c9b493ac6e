"""QuickBooks Desktop by Intuit's Web Connector, which polls a service of ours."""

from invoicesync_cli.load.qbd.web_connector.carrier import open_channel
from invoicesync_cli.load.qbd.web_connector.first_session import sign_in

__all__ = ["open_channel", "sign_in"]
