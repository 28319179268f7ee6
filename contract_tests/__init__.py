"""Contract tests for two HTTP APIs, to be aimed at the mock server or at a real deployment.

From top to bottom, each line imports only from those below it:

    test_conformance, machines, laws    what is judged: generated requests, walks along links, laws of behaviour
    conftest                            fixtures: a wire, a world of callers and a cleaning for each test
    entry -> plugin                     pytest's hooks: options in, outcomes out;  cli, check_profile: the command beside it
    ending -> annotations, report       the last cleaning, the verdict on deviations, and what is written;  diff: two reports
    report -> page, markdown, repeat    the faces of a report -> coverage, outcomes, verdict, writing
    explain -> curl                     a failure, told once, with its law and its requests
    judge -> cases, checks              sends generated requests; what holds for every answer
    real -> cases                       real values for generated requests
    openid -> town                      an ordinary OpenID client, with a browser
    world, town -> people               who plays which role at linagora and at casavi, and what they make
    images -> match                     pictures; pure matchers
    isolation -> cleanup                leaving nothing behind
    preflight, plan -> targets          one harmless thing first; what to test, where, how far one may go
    targets -> logins -> oauth          who is let in, and for how long -> sign_in -> forms
    client -> wire -> safety, ledger    one call; the guard under every request; what has to be removed
    gate -> traffic, network            the one way out: limits, counts, the archive, and what went wrong in a sentence
    deviations -> findings              what is known of a target; a broken contract as a value
    profiles, specs -> overlay          who can log in where; the operations of the two APIs, as a deployment has them
    masking                             what is never shown;  wsgi: an app in this process in the place of a server
"""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
