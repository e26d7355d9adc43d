using Nova.Modules.Placement;

namespace Nova.Modules.Scheduling;

/// <summary>
/// One resource class over all hosts. Amounts are clamped to 30 bits (memory to 1 PiB a host), so that 16 hosts fit a
/// vector and a difference never overflows.
/// </summary>
public sealed class ResourceColumn(string @class)
{
    private const int Limit = 1 << 30;
    private const int None = -1;

    private int[] _free = [], _room = [], _capacity = [], _used = [], _assumed = [], _min = [], _max = [], _step = [];
    private long[] _generation = [];
    private double[] _ratio = [];

    /// <summary>The class's name.</summary>
    public string Class => @class;

    /// <summary>What is left: (total − reserved) × ratio − used − assumed. Negative when a host shrank.</summary>
    public ReadOnlySpan<int> Free => _free;

    /// <summary>The most that one more server may take: what is left, and at most max_unit. −1 without an inventory.</summary>
    public ReadOnlySpan<int> Room => _room;

    /// <summary>Hosts whose minimum or step is not 1: to be looked at one by one.</summary>
    public BitSet Irregular { get; } = new();

    /// <summary>An amount as the column keeps it.</summary>
    public static int Clamp(long amount) => (int)Math.Clamp(amount, -Limit, Limit);

    /// <summary>Whether a server of this size fits the host's minimum and step; its room is another matter.</summary>
    public bool IsRegular(int slot, int amount) => amount >= _min[slot] && amount % _step[slot] == 0;

    /// <summary>Whether a server of this size fits the host.</summary>
    public bool Fits(int slot, int amount) => _room[slot] >= amount && IsRegular(slot, amount);

    /// <summary>What is used, with what is assumed to be.</summary>
    public int Used(int slot) => _used[slot] + _assumed[slot];

    /// <summary>How many times the unreserved total is given out; null without an inventory.</summary>
    public double? Ratio(int slot) => _max[slot] == None ? null : _ratio[slot];

    internal void Resize(int slots)
    {
        var from = _room.Length;
        Array.Resize(ref _free, slots);
        Array.Resize(ref _room, slots);
        Array.Resize(ref _capacity, slots);
        Array.Resize(ref _used, slots);
        Array.Resize(ref _assumed, slots);
        Array.Resize(ref _min, slots);
        Array.Resize(ref _max, slots);
        Array.Resize(ref _step, slots);
        Array.Resize(ref _generation, slots);
        Array.Resize(ref _ratio, slots);
        for (var slot = from; slot < slots; slot++)
            Forget(slot);
    }

    internal void SetInventory(int slot, Inventory inventory, long generation)
    {
        (_capacity[slot], _min[slot], _max[slot], _step[slot]) =
            (Clamp(inventory.Capacity), Clamp(inventory.MinUnit), Clamp(inventory.MaxUnit), Math.Max(1, Clamp(inventory.StepSize)));
        _ratio[slot] = inventory.AllocationRatio;
        Irregular[slot] = inventory.MinUnit > 1 || inventory.StepSize > 1;
        SetUsed(slot, inventory.Used, generation);
    }

    // A message of an earlier generation than the last one is late: what it says is outdated.
    internal void SetUsed(int slot, long used, long generation)
    {
        if (generation >= _generation[slot])
            (_used[slot], _generation[slot]) = (Clamp(used), generation);
        Update(slot);
    }

    internal void RemoveInventory(int slot)
    {
        (_capacity[slot], _max[slot], _min[slot], _step[slot]) = (0, None, 1, 1);
        Irregular[slot] = false;
        Update(slot);
    }

    internal void Assume(int slot, int amount)
    {
        _assumed[slot] += amount;
        Update(slot);
    }

    internal void Forget(int slot)
    {
        (_used[slot], _assumed[slot], _generation[slot]) = (0, 0, long.MinValue);
        RemoveInventory(slot);
    }

    private void Update(int slot)
    {
        _free[slot] = Clamp((long)_capacity[slot] - _used[slot] - _assumed[slot]);
        _room[slot] = Math.Min(_free[slot], _max[slot]);
    }
}
