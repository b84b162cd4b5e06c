"""The built-in verbs, each module a plugin: what the protocol promises."""
