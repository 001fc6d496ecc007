"""What the ledger holds, in the forms of other programs: daily CSV, Prometheus, StatsD, OpenTelemetry."""
