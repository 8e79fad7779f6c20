"""What the integration and system suites share: processes, servers, clients, zones."""
