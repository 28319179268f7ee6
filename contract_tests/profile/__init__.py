"""Who may log in at a deployment and how: the profile file, in the shape of the mock's `/__mock/credentials`."""

from contract_tests.profile.reading import load_profile, parse_profile
from contract_tests.profile.values import (
    Client,
    Connection,
    Login,
    OpenIdLogin,
    Principal,
    Profile,
    ProfileError,
    RequestLogin,
)

__all__ = [
    "Client",
    "Connection",
    "Login",
    "OpenIdLogin",
    "Principal",
    "Profile",
    "ProfileError",
    "RequestLogin",
    "load_profile",
    "parse_profile",
]
