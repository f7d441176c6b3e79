"""Looking after how the system is used: who looked at what, the weekly review, the record itself."""
