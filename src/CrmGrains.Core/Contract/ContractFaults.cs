using CrmGrains.Core.Events;

namespace CrmGrains.Core.Contract;

/// <summary>Faults as they are found; nothing is allocated before the first one.</summary>
internal struct ContractFaults
{
    private List<Fault>? _faults;

    public readonly IReadOnlyList<Fault> All => _faults ?? (IReadOnlyList<Fault>)[];

    public void Add(string path, string code)
    {
        _faults ??= [];
        if (_faults.Count < ContractValidator.MaxFaults)
            _faults.Add(new(path, code, MessageOf(code)));
    }

    private static string MessageOf(string code) => code switch
    {
        "missing" => "It is missing: the contract needs it for events of this type.",
        "not_text" => "It is no text: send one.",
        "too_long" => "It has more characters than the contract allows: shorten it.",
        "control_character" => "There is a line break or another control character: leave it out.",
        "invalid_unicode" => "There is half of a character: send whole ones.",
        "email_invalid" => "It is no address: send one like name@example.com.",
        "phone_invalid" => "It is no number of a known country: send it with + and the calling code.",
        "url_invalid" => "It is no address of the web: send one that begins with https://.",
        "instant_invalid" => "It is no instant: send one like 2026-04-26T18:11:42Z, with its offset.",
        "number_invalid" => "It is no number of this kind: send digits, and no sign where none is meant.",
        "currency_invalid" => "It is no currency's code: send three upper-case letters, for example EUR.",
        "flag_invalid" => "It is neither true nor false: send one of them, without quotes.",
        "word_unknown" => "The contract has no such word here: map it to one that it has.",
        "not_a_list" => "It is no list of texts: send one.",
        "list_too_long" => "It has more entries than the contract allows: send fewer.",
        "not_an_object" => "It is no object: send keys with values.",
        "too_deep" => "It is nested deeper than the contract allows: send it flatter.",
        "too_large" => "It is larger than the contract allows: send less, or a reference to where it is.",
        "external_id_invalid" => "An id or the name of its system is blank, too long or has control characters: send another one.",
        "event_type_unknown" => "It is no type of the contract: map it to one.",
        "schema_version_unknown" => "The contract has no such version of this type here: send an older one, or update this installation.",
        _ => "It breaks the contract.",
    };
}
