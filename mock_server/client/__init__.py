"""A session of a running mock server as tests use it; the fixture `community_mock` is one of these."""

from mock_server.client.community_mock import Clock, CommunityMock, Fault
from mock_server.client.http import Answer, Caller

__all__ = ["Answer", "Caller", "Clock", "CommunityMock", "Fault"]
