"""Run by Alembic, with the connection and the transaction of whoever called it."""

from alembic import context

from mock_server.migrations import revision

context.configure(connection=context.config.attributes["connection"], version_table=revision.name)
context.run_migrations()
