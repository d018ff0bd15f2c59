namespace CrmGrains.Benchmarks.Servers;

/// <summary>What is measured against each other.</summary>
internal enum Contender
{
    /// <summary><c>crmgrains serve</c>, all roles, with its embedded PostgreSQL.</summary>
    CrmGrains,

    /// <summary>A plain handler: Dapper, one transaction an event inside the request, about six round trips.</summary>
    Dapper,

    /// <summary>A plain handler: all of it in one call of a PL/pgSQL function.</summary>
    Function,
}
