%% The Erlang/OTP side of the peers benchmark. Prints one line per result: name=value pairs.
%%   restart N            one child crashes N times; from the crash until the new process answers
%%   storm Sups Kids Runs all children of all supervisors crash at once, Runs times; until all are restarted and have answered
%%   calls Ms Clients     calls that Clients make to a child each, for Ms milliseconds
-module(otp_peer).
-behaviour(supervisor).
-export([main/1, init/1]).

-define(NO_LIMIT, #{strategy => one_for_one, intensity => 100000000, period => 1}).

init({kids, Prefix, N}) ->
    {ok, {?NO_LIMIT, [kid(name(Prefix, I)) || I <- lists:seq(1, N)]}};
init({sups, Sups, N}) ->
    {ok, {#{strategy => one_for_one},
          [#{id => {sup, S}, type => supervisor, shutdown => infinity,
             start => {supervisor, start_link, [?MODULE, {kids, S, N}]}} || S <- lists:seq(1, Sups)]}}.

kid(Name) ->
    #{id => Name, start => {otp_peer_worker, start_link, [Name]}, restart => permanent, shutdown => brutal_kill}.

name(S, I) -> list_to_atom("w" ++ integer_to_list(S) ++ "_" ++ integer_to_list(I)).

main(Args) ->
    logger:set_primary_config(level, none),
    persistent_term:put(otp_peer_starts, atomics:new(1, [])),
    run(Args),
    halt().

run(["restart", N]) ->
    {ok, _} = supervisor:start_link(?MODULE, {kids, 1, 1}),
    Name = name(1, 1),
    _ = [restart(Name) || _ <- lists:seq(1, 300)],
    Times = lists:sort([begin timer:sleep(1), restart(Name) end || _ <- lists:seq(1, list_to_integer(N))]),
    io:format("restart p50_us=~.1f p99_us=~.1f~n", [at(0.5, Times), at(0.99, Times)]);
run(["storm", Sups, Kids, Runs]) ->
    S = list_to_integer(Sups), K = list_to_integer(Kids),
    {ok, _} = supervisor:start_link(?MODULE, {sups, S, K}),
    Names = [name(I, J) || I <- lists:seq(1, S), J <- lists:seq(1, K)],
    _ = [begin
             io:format("storm ms=~.2f~n", [storm(Names) / 1.0e6]),
             timer:sleep(1500)
         end || _ <- lists:seq(1, list_to_integer(Runs))];
run(["calls", Ms, Clients]) ->
    C = list_to_integer(Clients),
    {ok, _} = supervisor:start_link(?MODULE, {kids, 1, C}),
    _ = calls(C, 300),
    io:format("calls per_s=~.1f~n", [calls(C, list_to_integer(Ms))]).

now_ns() -> erlang:monotonic_time(nanosecond).

restart(Name) ->
    Old = whereis(Name),
    Start = now_ns(),
    Name ! crash,
    answered_by_another(Name, Old),
    now_ns() - Start.

answered_by_another(Name, Old) ->
    try gen_server:call(Name, whoami, 1000) of
        Old -> erlang:yield(), answered_by_another(Name, Old);
        _ -> ok
    catch exit:_ -> erlang:yield(), answered_by_another(Name, Old)
    end.

storm(Names) ->
    Starts = persistent_term:get(otp_peer_starts),
    atomics:put(Starts, 1, 0),
    Begin = now_ns(),
    _ = [Name ! crash || Name <- Names],
    started(Starts, length(Names)),
    _ = [pong = gen_server:call(Name, ping, infinity) || Name <- Names],
    now_ns() - Begin.

started(Starts, N) ->
    case atomics:get(Starts, 1) >= N of
        true -> ok;
        false -> timer:sleep(1), started(Starts, N)
    end.

calls(C, Ms) ->
    Self = self(),
    Stop = atomics:new(1, []),
    Begin = now_ns(),
    Clients = [spawn_link(fun() -> Self ! {self(), client(name(1, I), Stop, 0)} end) || I <- lists:seq(1, C)],
    timer:sleep(Ms),
    atomics:put(Stop, 1, 1),
    Total = lists:sum([receive {Client, Done} -> Done end || Client <- Clients]),
    Total * 1.0e9 / (now_ns() - Begin).

client(Name, Stop, Done) ->
    case atomics:get(Stop, 1) of
        1 -> Done;
        _ -> pong = gen_server:call(Name, ping), client(Name, Stop, Done + 1)
    end.

at(Quantile, Sorted) -> lists:nth(max(1, ceil(Quantile * length(Sorted))), Sorted) / 1000.
