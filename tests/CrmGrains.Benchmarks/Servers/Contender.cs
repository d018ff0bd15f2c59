namespace CrmGrains.Benchmarks.Servers;

/// <summary>What is measured against each other.</summary>
internal enum Contender
{
    /// <summary><c>crmgrains serve</c>, all roles, with its embedded PostgreSQL.</summary>
    CrmGrains,

    /// <summary>A plain handler as it is commonly written: Dapper and Npgsql with their defaults, one transaction an event.</summary>
    Dapper,

    /// <summary>The same handler tuned: prepared statements, a small pool, statements sent together.</summary>
    DapperTuned,

    /// <summary>A plain handler, tuned likewise: all of it in one call of a PL/pgSQL function.</summary>
    Function,
}
