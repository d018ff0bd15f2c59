using System.Diagnostics;
using CrmGrains.Core.Configuration;
using CrmGrains.Core.Decisions;
using CrmGrains.Core.Grains;

namespace CrmGrains.Core.Roles;

/// <summary>Who of a role's people got what, and who is known to be gone.</summary>
public sealed record RoleState
{
    /// <summary>When each person was given items, as far back as their capacity goes; by address.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<DateTimeOffset>> Given { get; init; } = new Dictionary<string, IReadOnlyList<DateTimeOffset>>();

    /// <summary>Whom the CRM doesn't know, or no more.</summary>
    public IReadOnlyList<string> Inactive { get; init; } = [];

    /// <summary>Who got the latest item.</summary>
    public string? Latest { get; init; }

    /// <summary>Grains that have no owner yet, oldest first.</summary>
    public IReadOnlyList<GrainId> Waiting { get; init; } = [];
}

/// <summary>Shares the work of one role among its people. Whoever asks is answered at once; without an owner where nobody may have it, and again later.</summary>
public static class RoleGrain
{
    private const string Timer = "waiting";

    // A thousand without an owner is one question, not a thousand entries.
    private const int MostWaiting = 500;

    private static readonly TimeSpan Again = TimeSpan.FromMinutes(15);

    /// <summary>One turn.</summary>
    public static Turn<RoleState> Handle(RoleState state, Message message, TurnContext context)
    {
        var people = context.Workspace.Roles.GetValueOrDefault(context.Grain.Key) ?? [];
        state = Current(state, people, context.Now);
        return message switch
        {
            Message.OwnerWanted m => Assign(state, m.For, m.Existing, people, context),
            Message.OwnerRefused m => Assign(Without(state, m.Email), m.For, null, people, context),
            Message.TimerFired => Retry(state, people, context),
            _ => throw new UnreachableException($"A role has no turn for {message.Name}."),
        };
    }

    /// <summary>Who gets the next item; null where nobody may.</summary>
    /// <remarks>Of those who have room, whoever works now; of these, whoever got least; of these, the next in turn.</remarks>
    public static string? Choose(RoleState state, IReadOnlyList<RolePerson> people, DateTimeOffset now)
    {
        var eligible = people.Where(person => IsEligible(state, person, now)).ToList();
        var working = eligible.Where(person => person.IsWorking(now)).ToList();
        var latest = people.ToList().FindIndex(person => person.Email == state.Latest);
        return (working.Count > 0 ? working : eligible)
            .OrderBy(person => Load(state, person.Email))
            .ThenBy(person => (people.ToList().IndexOf(person) - latest - 1 + people.Count) % people.Count)
            .FirstOrDefault()?.Email;
    }

    private static bool IsEligible(RoleState state, RolePerson person, DateTimeOffset now) =>
        !state.Inactive.Contains(person.Email, StringComparer.Ordinal) && person.IsPresent(now) && Load(state, person.Email) < person.Capacity;

    private static int Load(RoleState state, string email) => state.Given.TryGetValue(email, out var given) ? given.Count : 0;

    private static Turn<RoleState> Assign(
        RoleState state, GrainId grain, string? existing, IReadOnlyList<RolePerson> people, TurnContext context)
    {
        var isEligible = people.Any(person => person.Email == existing && IsEligible(state, person, context.Now));
        var chosen = isEligible ? existing : Choose(state, people, context.Now);
        var answer = new Effect.Send(grain, new Message.OwnerChosen(context.Grain.Key, chosen));
        if (chosen is not null)
            return new(With(state, chosen, context.Now), new Decision { Outcome = "route", Reason = "An owner was chosen." }, [answer]);
        if (!state.Waiting.Contains(grain) && state.Waiting.Count < MostWaiting)
            state = state with { Waiting = [.. state.Waiting, grain] };
        return new(
            state, new Decision { Outcome = "review", Reason = "Nobody of the role may have it now." },
            [
                answer,
                new Effect.OpenReview(
                    ReviewOf(context), "no_owner_eligible",
                    $"Nobody who holds the role {context.Grain.Key} may have new work: all are absent, inactive or full. Name another one, or raise a capacity."),
                new Effect.SetTimer(Timer, context.Now + Again),
            ]);
    }

    private static Turn<RoleState> Retry(RoleState state, IReadOnlyList<RolePerson> people, TurnContext context)
    {
        var effects = new List<Effect>();
        while (state.Waiting.Count > 0 && Choose(state, people, context.Now) is { } chosen)
        {
            effects.Add(new Effect.Send(state.Waiting[0], new Message.OwnerChosen(context.Grain.Key, chosen)));
            state = With(state, chosen, context.Now) with { Waiting = [.. state.Waiting.Skip(1)] };
        }

        effects.Add(state.Waiting.Count == 0
            ? new Effect.CloseReview(ReviewOf(context), "An owner was found for everything that waited.")
            : new Effect.SetTimer(Timer, context.Now + Again));
        return new(state, new Decision { Outcome = "route", Reason = "What waited for an owner was looked at again." }, effects);
    }

    private static string ReviewOf(TurnContext context) => $"role/{context.Grain.Key}";

    private static RoleState With(RoleState state, string email, DateTimeOffset now) => state with
    {
        Latest = email,
        Given = new Dictionary<string, IReadOnlyList<DateTimeOffset>>(state.Given) { [email] = [.. state.Given.GetValueOrDefault(email) ?? [], now] },
    };

    // What a person couldn't take is no load of theirs.
    private static RoleState Without(RoleState state, string email) => state with
    {
        Inactive = [.. state.Inactive.Append(email).Distinct(StringComparer.Ordinal)],
        Given = state.Given.Where(each => each.Key != email).ToDictionary(each => each.Key, each => each.Value),
    };

    // Whoever is no longer named is forgotten: named anew, they begin anew.
    private static RoleState Current(RoleState state, IReadOnlyList<RolePerson> people, DateTimeOffset now) => state with
    {
        Inactive = [.. state.Inactive.Where(email => people.Any(person => person.Email == email))],
        Given = people.Where(person => state.Given.ContainsKey(person.Email)).ToDictionary(
            person => person.Email,
            person => (IReadOnlyList<DateTimeOffset>)[.. state.Given[person.Email].Where(at => at > now - person.Per)]),
    };
}
