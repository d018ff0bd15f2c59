namespace CrmGrains.Benchmarks.Load;

/// <summary>Whose events are sent.</summary>
/// <param name="Customers">How many customers there are; up to 10 million.</param>
/// <param name="HasHotCustomer">Whether every second event is of one and the same customer.</param>
internal sealed record Population(int Customers, bool HasHotCustomer)
{
    /// <summary>What everything is measured with where nothing else is said.</summary>
    public static Population Uniform { get; } = new(2_000, HasHotCustomer: false);

    /// <summary>The customer of an event. Neighbors in the sequence are of different customers, and all have equally many.</summary>
    public int CustomerOf(int number) =>
        HasHotCustomer && number % 2 == 0 ? 0 : (int)((number * 2_654_435_761L + 12_345) % Customers);

    /// <summary>The address by which intake knows the customer.</summary>
    public static string EmailOf(int customer) => $"customer{customer:D7}@bench.example";

    public static string NameOf(int customer) => $"Customer Number {customer:D7}";
}
