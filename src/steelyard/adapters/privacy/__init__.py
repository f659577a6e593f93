"""Where people's data lies: changed, deleted and looked for in files, artefacts, bundles and event logs."""
