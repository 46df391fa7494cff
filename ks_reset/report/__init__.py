"""How results look: tables and sentences for people, JSON and YAML for programs, runbooks and reports as files."""
