"""Contract tests for two HTTP APIs, to be aimed at the mock server or at a real deployment.

From top to bottom, each line imports only from those below it:

    test_conformance, machines, laws    what is judged: generated requests, walks along links, laws of behaviour
    conftest                            fixtures: a wire, a world of callers and a cleaning for each test
    entry -> plugin                     pytest's hooks: options in, outcomes out;  cli: the command beside it
    judge -> cases, checks              sends generated requests; what holds for every answer
    real -> cases                       real values for generated requests
    openid -> town                      an ordinary OpenID client, with a browser
    world, town -> people               who plays which role at linagora and at casavi, and what they make
    images -> match                     pictures; pure matchers
    isolation, cleanup                  leaving nothing behind
    curl -> plan -> targets             a request to paste; what to test, where, how far one may go
    client -> wire -> safety, ledger    one call; the guard under every request; what has to be removed
    profiles, report, safety -> specs   who can log in; what was seen; the operations of the two APIs
"""
