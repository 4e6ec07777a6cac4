"""OAI-PMH 2.0, the provider's side: argument pairs in, XML bytes out. No HTTP, no SQL.

Spec: https://openarchives.org/OAI/2.0/openarchivesprotocol.2015-01-08.htm
"""

from repository.oai.provider import Provider

__all__ = ["Provider"]
