%% Makes histories from a seed: a tree, and then one operation at a time, chosen among what is there now.
%% exsss gives the same numbers on every OTP release since 22.
-module(oracle_history).
-export([seed/2, next/1]).

-define(HOUR, 3600).

seed(Seed, N) ->
    rand:seed(exsss, {Seed, N, 7}),
    put(fresh, 0),
    put(keys, []),
    Root = supervisor(<<"r">>, weighted([{1, 1}, {3, 2}, {4, 3}]), true),
    {Root, between(6, 16)}.

%% ---- trees ----

supervisor(Id, Levels, Top) ->
    Simple = case Top of true -> 1; false -> 3 end,
    Strategy = weighted([{4, one_for_one}, {4, rest_for_one}, {4, one_for_all}, {Simple, simple_one_for_one}]),
    Auto = case Strategy of
               simple_one_for_one -> never;
               _ -> weighted([{6, never}, {2, any_significant}, {2, all_significant}])
           end,
    Children = case Strategy of
                   simple_one_for_one -> [(worker(<<"t">>, Auto))#{starts => ""}];
                   _ -> [child(<<L>>, Levels, Auto) || L <- lists:sublist("abcd", pick([0, 1, 2, 2, 3, 3, 3, 4, 4]))]
               end,
    #{id => Id, kind => supervisor, restart => restart(), significant => false,
      shutdown => weighted([{4, infinity}, {1, 5000}]), starts => case Top of true -> ""; false -> starts() end,
      strategy => Strategy, intensity => case Top of true -> between(1, 5); false -> pick([0, 1, 1, 2, 2, 3, 4, 5]) end,
      period => ?HOUR, auto_shutdown => Auto, children => Children}.

child(Id, Levels, Auto) when Levels > 1 ->
    case chance(40) of
        true -> significant(supervisor(Id, Levels - 1, false), Auto);
        false -> worker(Id, Auto)
    end;
child(Id, _, Auto) -> worker(Id, Auto).

worker(Id, Auto) ->
    Stop = weighted([{16, polite}, {1, stuck}, {1, normal}, {1, error}]),
    Shutdown = case Stop of
                   stuck -> pick([brutal_kill, 3]);
                   _ -> weighted([{2, brutal_kill}, {4, 5000}, {2, infinity}])
               end,
    significant(#{id => Id, kind => worker, restart => restart(), significant => false, shutdown => Shutdown,
                  stop => Stop, starts => starts()}, Auto).

restart() -> weighted([{5, permanent}, {3, transient}, {2, temporary}]).

significant(Child, never) -> Child;
significant(#{restart := permanent} = Child, _) -> Child;
significant(Child, _) -> Child#{significant => chance(60)}.

%% The n-th letter says how the n-th start goes: ok, fails, ignored; past the end, ok. The first is mostly ok.
starts() ->
    case between(1, 20) of
        R when R =< 10 -> "";
        R when R =< 13 -> "o" ++ lists:duplicate(between(1, 6), $f);
        14 -> [weighted([{3, $o}, {1, $f}, {3, $i}])];
        _ -> [weighted([{40, $o}, {1, $f}, {2, $i}]) | [weighted([{4, $o}, {5, $f}, {1, $i}]) || _ <- lists:seq(1, between(1, 5))]]
    end.

%% ---- operations ----

next(Sups) ->
    case weighted([{40, crash}, {12, start}, {11, terminate}, {11, restart}, {7, delete}, {6, pass}, {13, burst}]) of
        pass -> #{op => pass, seconds => pick([1000, 2000, 4000])};
        crash -> crash(Sups, workers(Sups));
        burst -> burst(pick(Sups), Sups);
        start -> call(start, pick(Sups));
        terminate -> call(terminate, pick(Sups));
        Call -> call(Call, pick(with_stopped(Sups)))
    end.

%% Restart and delete mostly go where a child is stopped.
with_stopped(Sups) ->
    case [Sup || #{states := States} = Sup <- Sups, lists:keymember(undefined, 3, States)] of
        [] -> Sups;
        Some -> case chance(75) of true -> Some; false -> Sups end
    end.

workers(Sups) -> [{Path, Id} || #{path := Path, states := States} <- Sups, {Id, worker, running, _} <- States].

crash(Sups, []) -> call(start, pick(Sups));
crash(_, Workers) ->
    {Path, Id} = pick(Workers),
    #{op => crash, path => <<Path/binary, "/", Id/binary>>,
      reason => weighted([{8, error}, {2, normal}, {2, shutdown}, {2, shutdown_term}, {3, kill}])}.

%% Up to four things that reach one supervisor before it can act on the first of them.
burst(#{path := Path} = Sup, Sups) ->
    Below = [W || {P, _} = W <- workers(Sups), P =:= Path orelse (starts_with(P, <<Path/binary, "/">>) andalso chance(25))],
    Crashes = [crash(Sups, [W]) || W <- lists:sublist(shuffle(Below), between(1, 3))],
    Calls = [case chance(35) of
                 true -> #{op => which, sup => Path};
                 false -> call(pick([terminate, restart, delete, start]), Sup)
             end || _ <- lists:seq(1, between(0, 2))],
    #{op => burst, sup => Path, ops => Crashes ++ Calls}.

starts_with(Text, Prefix) -> binary:longest_common_prefix([Text, Prefix]) =:= byte_size(Prefix).

call(start, #{path := Path, simple := true}) ->
    Key = fresh("k"),
    put(keys, [{Path, Key} | get(keys)]),
    #{op => start, sup => Path, key => Key,
      starts => weighted([{5, ""}, {1, "i"}, {1, "f"}, {2, "of"}, {2, "offf"}, {1, "offffff"}])};
call(start, #{path := Path, states := States}) ->
    Known = [Id || {Id, _, _, _} <- States],
    Id = case Known =/= [] andalso chance(35) of
             true -> pick(Known);
             false -> fresh("n")
         end,
    Child = case chance(20) of
                true -> supervisor(Id, between(1, 2), false);
                false -> worker(Id, never)
            end,
    #{op => start, sup => Path, child => Child};
call(Op, #{path := Path, simple := true} = Sup) ->
    case [Key || {P, Key} <- get(keys), P =:= Path, oracle_world:pid_of(<<P/binary, "/", Key/binary>>) =/= undefined] of
        [] -> call(start, Sup);
        Keys -> #{op => Op, sup => Path, id => pick(Keys)}
    end;
call(Op, #{path := Path, states := States}) ->
    Stopped = [Id || {Id, _, undefined, _} <- States],
    Known = [Id || {Id, _, _, _} <- States],
    Id = if
             Stopped =/= [], Op =/= terminate -> case chance(70) of true -> pick(Stopped); false -> pick(Known) end;
             Known =/= [] -> case chance(94) of true -> pick(Known); false -> <<"zz">> end;
             true -> <<"zz">>
         end,
    #{op => Op, sup => Path, id => Id}.

fresh(Prefix) ->
    N = get(fresh) + 1,
    put(fresh, N),
    iolist_to_binary([Prefix, integer_to_list(N)]).

%% ---- chance ----

between(Low, High) -> Low + rand:uniform(High - Low + 1) - 1.
chance(Percent) -> rand:uniform(100) =< Percent.
pick(List) -> lists:nth(rand:uniform(length(List)), List).
shuffle(List) -> [X || {_, X} <- lists:sort([{rand:uniform(), X} || X <- List])].

weighted(Choices) -> weighted(rand:uniform(lists:sum([W || {W, _} <- Choices])), Choices).
weighted(N, [{W, Choice} | _]) when N =< W -> Choice;
weighted(N, [{W, _} | Rest]) -> weighted(N - W, Rest).
