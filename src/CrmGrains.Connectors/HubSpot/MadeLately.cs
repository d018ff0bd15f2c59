using CrmGrains.Core.Commands;
using CrmGrains.Core.Undo;

namespace CrmGrains.Connectors.HubSpot;

/// <summary>Records that this process made, the latest of them. From several batches at once.</summary>
internal sealed class MadeLately
{
    private const int Most = 20_000;

    private readonly Lock _gate = new();
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly Queue<string> _oldestFirst = [];

    /// <summary>Whether it was, by its name <c>object:id</c>; what was made long ago is forgotten.</summary>
    public bool Contains(string name)
    {
        lock (_gate)
            return _names.Contains(name);
    }

    /// <summary>Notes what a batch of one object made.</summary>
    public void Note(string crmObject, IEnumerable<WriteOutcome> outcomes)
    {
        if (crmObject is not (CrmObject.Contact or CrmObject.Company or CrmObject.Deal))
            return;
        lock (_gate)
        {
            foreach (var outcome in outcomes)
            {
                if (outcome is WriteOutcome.Succeeded { Action: "created", CrmId: { } id } && _names.Add(RecordImage.Name(crmObject, id)))
                    _oldestFirst.Enqueue(RecordImage.Name(crmObject, id));
            }

            while (_oldestFirst.Count > Most)
                _names.Remove(_oldestFirst.Dequeue());
        }
    }
}
