"""How results look: tables and sentences for people, JSON and YAML for programs, Markdown, pages and scripts for runbooks and reports."""
