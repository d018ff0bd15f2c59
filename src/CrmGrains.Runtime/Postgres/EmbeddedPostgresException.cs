namespace CrmGrains.Runtime.Postgres;

/// <summary>The private PostgreSQL can't be run; the message says why, and what to do about it.</summary>
public class EmbeddedPostgresException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The machine has no PostgreSQL that will do; the message names the command that installs one.</summary>
public sealed class PostgresMissingException(string message) : EmbeddedPostgresException(message);

/// <summary>Another process owns the data folder; the message names both.</summary>
public sealed class DataFolderInUseException(string message, Exception inner) : EmbeddedPostgresException(message, inner);
