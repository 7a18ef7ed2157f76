using NUnit.Framework;
using Ogong.Audit;
using Ogong.Beacon;
using Ogong.Bytes;
using Ogong.Commitments;
using Ogong.Records;
using Ogong.Settlement;
using Ogong.Tests.Audit;
using Ogong.Verifiers;

namespace Ogong.Tests.Verifiers;

/// <summary>Who verifies, what it is given, and what becomes of one that only says yes.</summary>
public sealed class VerifierTests
{
    private static readonly HashTag Tag = new("ogong/test-verifier/1");
    private static readonly Digest Secret = Tag.Hash([1]), Model = Tag.Hash([2]), OtherModel = Tag.Hash([3]);
    private static readonly Digest Beacon = new LocalBeacon(default).Round(1).Value;

    private static readonly ProfileParameters[] Profiles = [ProfileParameters.Exact(topK: 4), ProfileParameters.Fast(new SketchParameters(11, 32, StorageFormat.F16), topK: 4)];

    [Test]
    public void Nobody_verifies_its_own_or_its_operators_work_or_in_the_epoch_it_registered()
    {
        RegisteredProvider[] registry =
        [
            new(Key(0), Key(100), Model, 1), new(Key(1), Key(101), Model, 1), new(Key(2), Key(100), Model, 1), new(Key(3), Key(102), OtherModel, 1),
            new(Key(4), Key(103), Model, 5), new(Key(5), Key(104), Model, 4),
        ];
        IReadOnlyList<Digest> candidates = VerifierSelection.Candidates(registry, Model, new HashSet<Digest> { Key(0) }, epoch: 5);
        Assert.That(candidates, Is.EquivalentTo(new[] { Key(1), Key(5) }));
        Assert.That(candidates, Is.Ordered);
        Assert.That(VerifierSelection.Candidates(registry.Reverse(), Model, new HashSet<Digest> { Key(0) }, epoch: 5), Is.EqualTo(candidates));
    }

    [Test]
    public void Attempts_draw_without_repetition_until_nobody_is_left()
    {
        Digest[] candidates = [.. Enumerable.Range(0, 7).Select(Key).Order()];
        var draw = new AuditDraw(new LocalBeacon(default).Round(3), default);
        Digest?[] drawn = [.. Enumerable.Range(0, 8).Select(attempt => VerifierSelection.Draw(draw, candidates, attempt))];
        Assert.That(drawn[7], Is.Null);
        Assert.That(drawn[..7].Select(d => d!.Value), Is.EquivalentTo(candidates));
    }

    [Test]
    public void Each_candidate_is_drawn_as_often()
    {
        Digest[] candidates = [.. Enumerable.Range(0, 5).Select(Key).Order()];
        var counts = Enumerable.Range(0, 5000).GroupBy(i => VerifierSelection.Draw(new AuditDraw(new LocalBeacon(default).Round(1), Key(i)), candidates)).Select(group => group.Count());
        // χ² with four degrees of freedom: 23.5 is exceeded with probability 1e-4.
        Assert.That(counts.Sum(count => Math.Pow(count - 1000, 2) / 1000), Is.LessThan(23.5));
    }

    [Test]
    public async Task An_honest_verifier_accepts_honest_work_and_names_the_spoilt_window([Values(0, 1)] int profile, [Values(0, 1, 2)] int segment)
    {
        BlindTask task = Task(profile, segment, salt: 1);
        var verifier = new BlindVerifier(new ToyModel());
        BlindAnswer honest = await verifier.VerifyAsync(task);
        Assert.That(honest.Accepts);
        for (byte salt = 2; salt < 7; salt++)
        {
            Honeypot honeypot = Honeypot.Spoil(Task(profile, segment, salt), Secret);
            BlindAnswer answer = await verifier.VerifyAsync(honeypot.Task);
            Assert.That(answer.FirstWrongWindow, Is.EqualTo(honeypot.FirstWrongWindow));
        }
    }

    [Test]
    public void A_honeypot_has_the_fields_sizes_and_forms_of_a_task([Values(0, 1)] int profile, [Values(0, 2)] int segment)
    {
        BlindTask task = Task(profile, segment, salt: 1);
        Honeypot honeypot = Honeypot.Spoil(task, Secret);
        BlindTask spoilt = honeypot.Task;
        // All but id and claims are the task's own.
        foreach (System.Reflection.PropertyInfo property in typeof(BlindTask).GetProperties().Where(p => p.Name is not (nameof(BlindTask.Id) or nameof(BlindTask.Claims))))
            Assert.That(property.GetValue(spoilt), Is.EqualTo(property.GetValue(task)), property.Name);
        Assert.That(spoilt.Id, Is.Not.EqualTo(task.Id));
        Assert.That(spoilt.Claims.Select(Form), Is.EqualTo(task.Claims.Select(Form)));
        for (int i = 0; i < task.Claims.Count; i++)
            Assert.That(spoilt.Claims[i].StateHash == task.Claims[i].StateHash, Is.EqualTo(task.Claims[i].Window < honeypot.FirstWrongWindow));
        // What a verifier can hash without computing still fits.
        foreach (BlindClaim claim in spoilt.Claims.Where(claim => claim.TopK is not null)) Assert.That(claim.TopK!.Hash(claim.Window), Is.EqualTo(claim.TopKHash));

        static (int, int?, int?, bool, int?, bool) Form(BlindClaim claim) =>
            (claim.Window, claim.Sketch?.Rows, claim.Sketch?.Bytes.Length, claim.TopKHash.IsZero, claim.TopK?.Rows, claim.StateHash.IsZero);
    }

    [Test]
    public void Tasks_and_honeypots_are_read_back_and_as_long_as_one_another([Values(0, 1)] int profile, [Values(0, 1, 2)] int segment)
    {
        BlindTask task = Task(profile, segment, salt: 1);
        byte[] bytes = task.Encode(), spoilt = Honeypot.Spoil(task, Secret).Task.Encode();
        Assert.That(spoilt, Has.Length.EqualTo(bytes.Length));
        Assert.That(Canonical.Decode<BlindTask>(bytes).Value.Encode(), Is.EqualTo(bytes));
        Assert.That(Canonical.Decode<BlindTask>(spoilt).Value.Encode(), Is.EqualTo(spoilt));
        var random = new Random(6);
        for (int i = 0; i < 500; i++)
        {
            byte[] bad = [.. bytes];
            bad[random.Next(bad.Length)] ^= (byte)(1 << random.Next(8));
            if (i % 4 == 0) bad = bad[..random.Next(bad.Length)];
            if (Canonical.Decode<BlindTask>(bad).TryGet(out BlindTask? read)) Assert.That(read!.Encode(), Is.EqualTo(bad));
        }
    }

    [Test]
    public async Task A_task_read_from_its_bytes_is_verified_like_the_original()
    {
        BlindTask task = Task(1, 2, salt: 1), read = Canonical.Decode<BlindTask>(task.Encode()).Value;
        var verifier = new BlindVerifier(new ToyModel());
        Assert.That(await verifier.VerifyAsync(read), Is.EqualTo(await verifier.VerifyAsync(task)));
    }

    [Test]
    public void Honeypots_from_one_secret_differ_and_another_secret_makes_others()
    {
        Honeypot a = Honeypot.Spoil(Task(0, 2, 1), Secret), again = Honeypot.Spoil(Task(0, 2, 1), Secret), b = Honeypot.Spoil(Task(0, 2, 1), Model);
        Assert.That(a.Task.Claims.Select(c => (c.StateHash, c.TopKHash)), Is.EqualTo(again.Task.Claims.Select(c => (c.StateHash, c.TopKHash))));
        Assert.That(a.Task.Claims[^1].StateHash, Is.Not.EqualTo(b.Task.Claims[^1].StateHash));
    }

    [TestCase(0.05, 1.0)]
    [TestCase(0.05, 0.3)]
    [TestCase(0.2, 0.5)]
    public void A_rubber_stamp_is_exposed_within_the_bound(double honeypots, double stamps)
    {
        long bound = RubberStampBound.TasksToExpose(honeypots, stamps, delta: 0.01);
        var random = new Random(4);
        int survivors = 0;
        for (int life = 0; life < 20_000; life++)
        {
            long task = 0;
            while (task < bound && !(random.NextDouble() < honeypots && random.NextDouble() < stamps)) task++;
            survivors += task == bound ? 1 : 0;
        }
        Assert.That(survivors / 20_000.0, Is.EqualTo(RubberStampBound.Survival(honeypots, stamps, bound)).Within(0.004));
        Assert.That(RubberStampBound.Survival(honeypots, stamps, bound), Is.LessThanOrEqualTo(0.01));
        Assert.That(RubberStampBound.Survival(honeypots, stamps, bound - 1), Is.GreaterThan(0.01));
    }

    [Test]
    public void Verifiers_are_paid_from_the_pool_and_not_beyond_it()
    {
        var ledger = new Ledger();
        ledger.Deposit(Key(0), 100);
        ledger.TryEscrow(default, Key(0), 100);
        ledger.TrySettle(default, new FeeSplit(100, [new Payment(Key(1), 70)], 0, 30, 0));
        Assert.That(ledger.TryPayVerifier(Key(2), 20));
        Assert.That(ledger.TryPayVerifier(Key(2), 11), Is.False);
        Assert.That((ledger.AuditPool, ledger.Balance(Key(2))), Is.EqualTo(((UInt128)10, (UInt128)20)));
    }

    private static BlindTask Task(int profile, int segment, byte salt) => BlindTask.Create(new ToyCohort { Profile = Profiles[profile], Salt = salt }.Produce(), segment, Beacon, Secret);

    private static Digest Key(int i) => Tag.Hash(BitConverter.GetBytes(i));
}
