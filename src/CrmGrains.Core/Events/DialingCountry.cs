using System.Collections.Frozen;

namespace CrmGrains.Core.Events;

/// <summary>How people write a number inside their own country.</summary>
/// <param name="Country">ISO 3166-1, two letters, upper-case.</param>
/// <param name="CallingCode">Of the country.</param>
/// <param name="Trunk">What stands before a national number and is left out from abroad; empty where there is nothing.</param>
/// <param name="Exit">What is dialled to leave the country.</param>
public sealed record DialingCountry(string Country, string CallingCode, string Trunk, string Exit)
{
    /// <summary>The countries that there are, by their code.</summary>
    public static IReadOnlyCollection<string> Codes => ByCode.Keys;

    /// <summary>A country by its code; null where there is none.</summary>
    public static DialingCountry? Find(string? country) => country is null ? null : ByCode.GetValueOrDefault(country);

    /// <summary>Whether numbers behind a calling code never begin with the zero that is dialled inside the country.</summary>
    internal static bool HasTrunkZero(string callingCode) => WithTrunkZero.Contains(callingCode);

    private const string TrunkZero = """
        AE971 AF93 AL355 AM374 AR54 AT43 AU61 AX358 BA387 BD880 BE32 BG359 BO591 BR55 CD243 CH41 CN86 CU53 DE49 DZ213 EC593 EG20 ER291
        ET251 FI358 FR33 GB44 GE995 GF594 GG44 GH233 GP590 HR385 ID62 IE353 IL972 IM44 IN91 IQ964 IR98 JE44 JO962 JP81 KE254 KG996 KH855
        KP850 KR82 LA856 LB961 LK94 LR231 LT370 LY218 MA212 MD373 ME382 MG261 MK389 MM95 MN976 MQ596 MY60 NA264 NG234 NL31 NP977 NZ64
        PE51 PH63 PK92 PS970 PY595 RE262 RO40 RS381 RW250 SA966 SD249 SE46 SI386 SK421 SL232 SO252 SR597 SS211 SY963 TH66 TR90 TW886
        TZ255 UA380 UG256 UY598 VE58 VN84 XK383 YE967 YT262 ZA27 ZM260 ZW263 MF590 BL590
        """;

    private const string NoTrunk = """
        AD376 AO244 AW297 BF226 BH973 BI257 BJ229 BN673 BT975 BW267 CF236 CG242 CI225 CK682 CL56 CM237 CO57 CR506 CV238 CW599 CY357
        CZ420 DJ253 DK45 EE372 ES34 FJ679 FK500 FM691 FO298 GA241 GI350 GL299 GM220 GN224 GQ240 GR30 GT502 GW245 GY592 HK852 HN504
        HT509 IO246 IS354 IT39 KI686 KM269 KW965 LI423 LS266 LU352 LV371 MC377 MH692 ML223 MO853 MR222 MT356 MU230 MV960 MW265 MX52
        MZ258 NC687 NE227 NI505 NO47 NR674 NU683 OM968 PA507 PF689 PG675 PL48 PM508 PT351 PW680 QA974 SB677 SC248 SG65 SH290 SJ47
        SM378 SN221 ST239 SV503 SZ268 TD235 TG228 TJ992 TK690 TL670 TN216 TO676 TV688 VA39 VU678 WF681 WS685 BZ501 UZ998
        """;

    private const string NorthAmerica = "US CA AG AI AS BB BM BS DM DO GD GU JM KN KY LC MP MS PR SX TC TT VC VG VI";

    // As Australia, Japan and their like leave the country; everybody else dials 00.
    private static readonly Dictionary<string, string> Exits = new()
    {
        ["AU"] = "0011", ["JP"] = "010", ["HK"] = "001", ["SG"] = "001", ["TH"] = "001", ["KH"] = "001", ["ID"] = "001", ["TW"] = "002",
        ["KR"] = "002", ["BR"] = "0014", ["CO"] = "009", ["CU"] = "119", ["IL"] = "012", ["KE"] = "000", ["UG"] = "000", ["TZ"] = "000",
        ["NG"] = "009", ["GY"] = "001", ["MN"] = "001", ["PW"] = "011", ["MH"] = "011", ["FM"] = "011",
    };

    private static readonly FrozenDictionary<string, DialingCountry> ByCode = Countries().ToFrozenDictionary(one => one.Country, StringComparer.Ordinal);

    private static readonly FrozenSet<string> WithTrunkZero = Words(TrunkZero).Select(word => word[2..]).ToFrozenSet(StringComparer.Ordinal);

    private static IEnumerable<DialingCountry> Countries() =>
    [
        .. Words(TrunkZero).Select(word => Of(word, "0")),
        .. Words(NoTrunk).Select(word => Of(word, "")),
        .. Words(NorthAmerica).Select(country => new DialingCountry(country, "1", "1", "011")),
        new("RU", "7", "8", "810"), new("KZ", "7", "8", "810"), new("BY", "375", "8", "810"), new("TM", "993", "8", "810"),
        new("AZ", "994", "0", "00"), new("HU", "36", "06", "00"),
    ];

    private static DialingCountry Of(string word, string trunk) =>
        new(word[..2], word[2..], trunk, Exits.GetValueOrDefault(word[..2], "00"));

    private static string[] Words(string table) => table.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
}
