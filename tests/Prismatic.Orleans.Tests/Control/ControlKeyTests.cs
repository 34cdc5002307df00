using Orleans;
using Orleans.Runtime;
using Orleans.Storage;
using Prismatic.Control;
using Xunit;

namespace Prismatic.Tests.Control;

public sealed class ControlKeyTests
{
    [Fact]
    public async Task A_configured_key_is_used_and_storage_is_not_asked()
    {
        var configured = new byte[32];
        var key = new ControlKey(configured, () => throw new InvalidOperationException("asked"));

        Assert.Same(configured, await key.GetAsync());
    }

    [Fact]
    public async Task A_configured_key_that_is_too_short_is_refused() =>
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await new ControlKey(new byte[31], () => new OneRecord()).GetAsync());

    [Fact]
    public async Task The_first_who_asks_makes_the_key_and_all_silos_and_later_starts_read_it()
    {
        var storage = new OneRecord();

        var keys = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ => await new ControlKey(null, () => storage).GetAsync()));

        Assert.All(keys, key => Assert.Equal(keys[0], key));
        Assert.Equal(32, keys[0].Length);
        Assert.Equal(1, storage.Written);
    }

    [Fact]
    public async Task A_silo_that_loses_the_race_takes_the_winners_key()
    {
        var storage = new OneRecord();
        var winner = "";
        storage.BeforeWrite = () =>
        {
            winner = storage.Store();
            storage.BeforeWrite = null;
        };

        var key = await new ControlKey(null, () => storage).GetAsync();

        Assert.Equal(winner, Convert.ToBase64String(key));
    }

    [Fact]
    public async Task A_reading_that_failed_is_tried_again()
    {
        var storage = new OneRecord { Failure = new TimeoutException() };
        var key = new ControlKey(null, () => storage);
        await Assert.ThrowsAsync<TimeoutException>(async () => await key.GetAsync());

        storage.Failure = null;

        Assert.Equal(32, (await key.GetAsync()).Length);
    }

    [Theory]
    [InlineData("")]
    [InlineData("not base64!")]
    [InlineData("AAAA")]
    public async Task A_key_that_cannot_be_read_is_never_replaced(string stored)
    {
        var storage = new OneRecord();
        storage.Store(stored);

        await Assert.ThrowsAsync<InvalidOperationException>(async () => await new ControlKey(null, () => storage).GetAsync());
        Assert.Equal(0, storage.Written);
    }

    private sealed class OneRecord : IGrainStorage
    {
        private readonly Lock _lock = new();
        private string? _key;

        public Action? BeforeWrite { get; set; }

        public Exception? Failure { get; set; }

        public int Written { get; private set; }

        public string Store(string? key = null) => _key = key ?? Convert.ToBase64String(Enumerable.Repeat((byte)7, 32).ToArray());

        public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
        {
            Assert.Equal(("control-key", "prismatic-control-key/cluster"), (stateName, grainId.ToString()));
            if (Failure is { } failure)
            {
                throw failure;
            }

            lock (_lock)
            {
                grainState.RecordExists = _key is not null;
                grainState.ETag = _key;
                grainState.State = (T)(object)new ControlKeyRecord { Key = _key ?? "" };
            }

            return Task.CompletedTask;
        }

        public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
        {
            BeforeWrite?.Invoke();
            lock (_lock)
            {
                if (grainState.ETag != _key)
                {
                    throw new InconsistentStateException("Another silo wrote first.");
                }

                _key = ((ControlKeyRecord)(object)grainState.State!).Key;
                Written++;
            }

            return Task.CompletedTask;
        }

        public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => Task.CompletedTask;
    }
}
