"""Everything durable: statements, drivers, migrations, group commit, and secrets at rest."""
