using System.Net;
using System.Text.Json;

namespace CrmGrains.IntegrationTests.Sandbox;

public sealed class AssociationTests : SandboxTest
{
    private const string Associations = "/crm/associations/2026-09";

    [Theory]
    [InlineData("/crm/objects/2026-09/contact/{0}/associations/default/company/{1}")]
    [InlineData("/crm/v4/objects/contacts/{0}/associations/default/companies/{1}")]
    public async Task A_default_association_is_seen_from_both_ends_with_the_number_of_each_direction(string path)
    {
        var (contact, company) = (await ContactId("ada@nordwind.test"), await CompanyId("Nordwind"));

        Assert.Equal(HttpStatusCode.OK, (await Put(string.Format(path, contact, company))).Status);

        var there = Assert.Single((await Read("contacts", "companies", contact)).Results);
        var back = Assert.Single((await Read("companies", "contacts", company)).Results);
        Assert.Equal($"{contact} -> {company}: 279", Told(there));
        Assert.Equal($"{company} -> {contact}: 280", Told(back));
    }

    [Theory]
    [InlineData("deals", "contacts", 3, 4)]
    [InlineData("deals", "companies", 341, 342)]
    [InlineData("notes", "contacts", 202, 201)]
    [InlineData("notes", "companies", 190, 189)]
    [InlineData("notes", "deals", 214, 213)]
    [InlineData("tasks", "contacts", 204, 203)]
    [InlineData("tasks", "companies", 192, 191)]
    [InlineData("tasks", "deals", 216, 215)]
    public async Task Each_pair_of_types_has_its_numbers(string from, string to, int number, int reverse)
    {
        var (source, target) = (await AnyId(from), await AnyId(to));

        await Put($"{Objects}/{from}/{source}/associations/default/{to}/{target}");

        Assert.Equal($"{source} -> {target}: {number}", Told(Assert.Single((await Read(from, to, source)).Results)));
        Assert.Equal($"{target} -> {source}: {reverse}", Told(Assert.Single((await Read(to, from, target)).Results)));
    }

    [Fact]
    public async Task Associating_again_changes_nothing()
    {
        var (contact, company) = (await ContactId("ada@nordwind.test"), await CompanyId("Nordwind"));
        var body = new { inputs = new[] { Pair(contact, company), Pair(contact, company) } };

        Assert.Equal(HttpStatusCode.OK, (await Post($"{Associations}/contacts/companies/batch/associate/default", body)).Status);
        Assert.Equal(HttpStatusCode.OK, (await Post("/crm/v4/associations/contact/company/batch/associate/default", body)).Status);

        Assert.Equal(1, (await Get("/sandbox/hubspot/associations")).Body.GetProperty("count").GetInt32());
    }

    [Fact]
    public async Task A_batch_associates_what_is_there_and_tells_of_what_is_not_in_a_207()
    {
        var (contact, company) = (await ContactId("ada@nordwind.test"), await CompanyId("Nordwind"));

        var answer = await Post(
            $"{Associations}/contacts/companies/batch/associate/default", new { inputs = new[] { Pair(contact, company), Pair("77", company) } });

        Assert.Equal(HttpStatusCode.MultiStatus, answer.Status);
        Assert.Equal(2, answer.Results.Count);  // both directions of the one pair
        var context = answer.Body.GetProperty("errors")[0].GetProperty("context");
        Assert.Equal("77", context.GetProperty("fromObjectId")[0].GetString());
        Assert.Equal("CONTACT=77 is not valid", context.GetProperty("INVALID_OBJECT_IDS")[0].GetString());
    }

    [Fact]
    public async Task A_read_of_a_record_without_associations_is_a_207_that_says_so()
    {
        var contact = await ContactId("ada@nordwind.test");

        var answer = await Read("contacts", "companies", contact);

        Assert.Equal(HttpStatusCode.MultiStatus, answer.Status);
        Assert.Empty(answer.Results);
        Assert.Equal("crm.associations.NO_ASSOCIATIONS_FOUND", answer.Body.GetProperty("errors")[0].GetProperty("subCategory").GetString());
    }

    [Fact]
    public async Task A_primary_company_is_also_an_ordinary_one_and_there_is_one_of_it()
    {
        var (contact, first, second) = (await ContactId("ada@nordwind.test"), await CompanyId("First"), await CompanyId("Second"));

        var created = await Post($"{Associations}/contacts/companies/batch/create", new { inputs = new[] { Pair(contact, first, 1) } });
        await Post($"{Associations}/contacts/companies/batch/create", new { inputs = new[] { Pair(contact, second, 1) } });

        Assert.Equal(HttpStatusCode.Created, created.Status);
        Assert.Equal("Primary", created.Results[0].GetProperty("labels")[0].GetString());
        var links = (await Read("contacts", "companies", contact)).Results[0].GetProperty("to");
        Assert.Equal([279], Types(links[0]));
        Assert.Equal([1, 279], Types(links[1]));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(280)]
    [InlineData(99999)]
    public async Task A_type_that_is_not_one_of_the_pair_is_a_400(int typeId)
    {
        var (contact, company) = (await ContactId("ada@nordwind.test"), await CompanyId("Nordwind"));

        var answer = await Post($"{Associations}/contacts/companies/batch/create", new { inputs = new[] { Pair(contact, company, typeId) } });

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal("crm.associations.INVALID_ASSOCIATION_TYPE", answer.Body.GetProperty("subCategory").GetString());
        Assert.Equal(0, (await Get("/sandbox/hubspot/associations")).Body.GetProperty("count").GetInt32());
    }

    [Fact]
    public async Task A_record_is_not_created_where_an_association_inside_it_is_wrong()
    {
        var company = await CompanyId("Nordwind");
        object Contact(string id, int type) => new
        {
            properties = new { email = "ada@nordwind.test" },
            associations = new[] { new { to = new { id }, types = new[] { new { associationCategory = "HUBSPOT_DEFINED", associationTypeId = type } } } },
        };

        var wrongType = await Post($"{Objects}/contacts", Contact(company, 341));
        var wrongId = await Post($"{Objects}/contacts", Contact("77", 279));
        var right = await Post($"{Objects}/contacts", Contact(company, 279));

        Assert.Equal("crm.associations.INVALID_ASSOCIATION_TYPE", wrongType.Body.GetProperty("subCategory").GetString());
        Assert.Equal("One or more associations are invalid", wrongId.Message);
        Assert.Equal(HttpStatusCode.Created, right.Status);
    }

    [Fact]
    public async Task Removing_an_association_removes_it_from_both_ends()
    {
        var (contact, company) = (await ContactId("ada@nordwind.test"), await CompanyId("Nordwind"));
        await Put($"{Objects}/contacts/{contact}/associations/default/companies/{company}");

        var answer = await Post($"{Associations}/contacts/companies/batch/archive", new
        {
            inputs = new[] { new { from = new { id = contact }, to = new[] { new { id = company } } } },
        });

        Assert.Equal(HttpStatusCode.NoContent, answer.Status);
        Assert.Empty((await Read("contacts", "companies", contact)).Results);
        Assert.Empty((await Read("companies", "contacts", company)).Results);
    }

    [Fact]
    public async Task Archiving_a_record_takes_its_associations_along()
    {
        var (contact, company) = (await ContactId("ada@nordwind.test"), await CompanyId("Nordwind"));
        await Put($"{Objects}/contacts/{contact}/associations/default/companies/{company}");

        await Delete($"{Objects}/contacts/{contact}");

        Assert.Empty((await Read("companies", "contacts", company)).Results);
    }

    [Fact]
    public async Task A_record_can_be_read_together_with_its_associations()
    {
        var (contact, company) = (await ContactId("ada@nordwind.test"), await CompanyId("Nordwind"));
        await Put($"{Objects}/contacts/{contact}/associations/default/companies/{company}");

        var associations = (await Get($"{Objects}/contacts/{contact}?associations=companies,deals")).Body.GetProperty("associations");

        var found = associations.GetProperty("companies").GetProperty("results")[0];
        Assert.Equal((company, "contact_to_company"), (found.GetProperty("id").GetString(), found.GetProperty("type").GetString()));
        Assert.False(associations.TryGetProperty("deals", out _));
    }

    [Fact]
    public async Task The_labels_of_a_pair_are_listed()
    {
        var labels = (await Get("/crm/v4/associations/contact/company/labels")).Results
            .ToDictionary(label => label.GetProperty("typeId").GetInt32(), label => label.GetProperty("label").GetString());

        Assert.Equal(new Dictionary<int, string?> { [279] = null, [1] = "Primary" }, labels);
    }

    [Fact]
    public async Task A_read_takes_a_thousand_inputs_and_a_create_two_thousand()
    {
        var reads = Enumerable.Range(1, 1_001).Select(i => new { id = i });
        var creates = Enumerable.Range(1, 2_001).Select(i => Pair($"{i}", "1", 279));

        Assert.Equal(HttpStatusCode.BadRequest, (await Post($"{Associations}/contacts/companies/batch/read", new { inputs = reads })).Status);
        Assert.Equal(HttpStatusCode.MultiStatus, (await Post($"{Associations}/contacts/companies/batch/read", new { inputs = reads.Skip(1) })).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await Post($"{Associations}/contacts/companies/batch/create", new { inputs = creates })).Status);
    }

    private async Task<string> AnyId(string type) => type switch
    {
        "contacts" => await ContactId("ada@nordwind.test"),
        "companies" => await CompanyId("Nordwind"),
        "deals" => await DealId(),
        _ => (await Create(type, new { hs_timestamp = "2026-11-20" })).Id,
    };

    private Task<Answer> Read(string from, string to, string id) =>
        Post($"{Associations}/{from}/{to}/batch/read", new { inputs = new[] { new { id } } });

    private static object Pair(string from, string to, int? typeId = null) => typeId is null
        ? new { from = new { id = from }, to = new { id = to } }
        : new { from = new { id = from }, to = new { id = to }, types = new[] { new { associationCategory = "HUBSPOT_DEFINED", associationTypeId = typeId } } };

    private static string Told(JsonElement links) =>
        $"{links.GetProperty("from").GetProperty("id")} -> {links.GetProperty("to")[0].GetProperty("toObjectId")}: "
        + string.Join(' ', Types(links.GetProperty("to")[0]));

    private static IEnumerable<int> Types(JsonElement link) =>
        link.GetProperty("associationTypes").EnumerateArray().Select(type => type.GetProperty("typeId").GetInt32());
}
