"""Why some faults cannot be found: by name, what makes each equivalent to a sound server, or out of reach of the suite."""

NOBODY_LOOKS = "nothing looks at it"
REASONS: dict[str, str] = {}
