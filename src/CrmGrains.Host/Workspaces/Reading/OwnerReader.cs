using System.Globalization;
using CrmGrains.Core.Configuration;

namespace CrmGrains.Host.Configuration.Reading;

/// <summary>Reads <c>owners</c>: a role is held by one address, or shared by several people.</summary>
internal static class OwnerReader
{
    private const int MostPeople = 100;
    private const int MostCapacity = 200;

    /// <summary>Roles that one person holds.</summary>
    public static IReadOnlyDictionary<string, string> Addresses(Value? owners) =>
        owners?.Named(entry => entry.Value.Node is YamlNode.Map ? null : Address(entry.Value)) ?? new Dictionary<string, string>();

    /// <summary>Roles that several people share.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<RolePerson>> Shared(Value? owners)
    {
        var roles = new Dictionary<string, IReadOnlyList<RolePerson>>();
        foreach (var entry in owners?.Node is YamlNode.Map ? owners.Entries() ?? [] : [])
        {
            if (entry.Value.Node is YamlNode.Map)
                roles[entry.Key] = People(entry.Value);
        }

        return roles;
    }

    private static List<RolePerson> People(Value value)
    {
        var people = new List<RolePerson>();
        var list = value.Section(["people"], [])["people"];
        foreach (var item in list?.Items() ?? [])
        {
            if (Person(item) is not { } person)
                continue;
            if (people.Exists(other => other.Email == person.Email))
                item.Fault("The person is here twice. Keep one of them.");
            people.Add(person);
        }

        if (list?.Items() is [])
            list.Fault("There must be a person at least.");
        if (people.Count > MostPeople)
            list?.Fault($"There are more than {MostPeople} people. Make several roles.");
        return people;
    }

    private static RolePerson? Person(Value value)
    {
        var section = value.Section(["email"], ["capacity", "per", "hours", "days", "time_zone", "absent"]);
        var standard = new RolePerson { Email = "" };
        var (from, to) = section["hours"] is { } hours ? ExpectReader.Between(hours) ?? (0, 24) : (0, 24);
        var absent = new List<(DateOnly, DateOnly)>();
        foreach (var item in section["absent"]?.Items() ?? [])
        {
            if (Absence(item) is { } absence)
                absent.Add(absence);
        }

        return section["email"] is not { } email || Address(email) is not { } address ? null : new RolePerson
        {
            Email = address,
            Capacity = section["capacity"]?.Whole(1, MostCapacity) ?? standard.Capacity,
            Per = section["per"]?.Duration(TimeSpan.FromHours(1), TimeSpan.FromDays(90)) ?? standard.Per,
            From = from,
            To = to,
            Days = section["days"] is { } days ? ExpectReader.DaysOf(days) ?? standard.Days : standard.Days,
            TimeZone = section["time_zone"] is { } zone ? ExpectReader.Zone(zone) ?? TimeZoneInfo.Utc : TimeZoneInfo.Utc,
            Absent = absent,
        };
    }

    private static (DateOnly, DateOnly)? Absence(Value value)
    {
        if (value.Line() is not { } text)
            return null;
        var days = text.Split("..").Select(day =>
            DateOnly.TryParseExact(day.Trim(), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) ? date : (DateOnly?)null).ToList();
        return days is [{ } first, { } last] && first <= last ? (first, last)
            : days is [{ } day] ? (day, day)
            : value.Wrong<(DateOnly, DateOnly)?>("must be a day or first and last day, such as `2026-12-24..2027-01-02`");
    }

    private static string? Address(Value value) => value.Line()?.ToLowerInvariant() is not { } address ? null
        : Syntax.IsEmail(address) ? address
        : value.Wrong<string>("must be the address of a user of the CRM, such as `name@example.com`");
}
