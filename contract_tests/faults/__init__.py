"""The command `contract-tests faults`: faults planted into the mock, and who finds them."""
