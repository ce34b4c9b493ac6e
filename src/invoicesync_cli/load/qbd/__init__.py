"""QuickBooks Desktop: qbXML 13.0, built from tables and read by name."""
