"""What the mock costs: `python -m mock_server.bench` measures it beside other servers, or each operation within the process."""
