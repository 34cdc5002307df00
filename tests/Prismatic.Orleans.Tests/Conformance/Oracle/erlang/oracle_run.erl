%% Runs histories against OTP's own supervisor and prints one JSON object per history:
%%   erl +S 1:1 -noshell -kernel logger_level none -s oracle_run main -extra SEED COUNT
%%
%% A step is an operation, the answer it got, what the journal saw until the whole tree was quiet again,
%% and every live supervisor's which_children and count_children after that.
-module(oracle_run).
-export([main/0]).

main() ->
    process_flag(trap_exit, true),
    [Seed, Count] = [list_to_integer(A) || A <- init:get_plain_arguments()],
    io:setopts([{encoding, latin1}]),
    lists:foreach(fun(N) -> io:put_chars([history(Seed, N), "\n"]) end, lists:seq(1, Count)),
    halt(0).

history(Seed, N) ->
    {Root, Length} = oracle_history:seed(Seed, N),
    oracle_world:open(),
    {Reply, Pid} = boot(Root),
    Steps = [step(#{op => boot}, Reply) | steps(Pid, Length)],
    oracle_world:close(),
    flush(),
    oracle_json:encode(#{number => N, root => Root, steps => Steps}).

boot(Root) ->
    case oracle_world:start_child(<<"r">>, Root) of
        {ok, Pid} -> {<<"ok">>, Pid};
        ignore -> {<<"ignore">>, undefined};
        {error, _} -> {<<"failed">>, undefined}
    end.

%% The operations end when the root is gone; a root that outlives them is stopped by its parent, this process.
steps(undefined, _) -> [];
steps(Root, Left) ->
    case is_process_alive(Root) of
        false -> [];
        true when Left =:= 0 ->
            exit(Root, shutdown),
            receive {'EXIT', Root, _} -> ok end,
            [step(#{op => stop}, <<"ok">>)];
        true ->
            Op = oracle_history:next(snapshot()),
            Reply = perform(Op),
            Step = step(Op, Reply),
            [Step | steps(Root, Left - 1)]
    end.

step(Op, Reply) ->
    settle([]),
    Op#{reply => lists:flatten([Reply]), journal => order(oracle_world:take_events()), tree => [render(S) || S <- snapshot()]}.

%% ---- operations ----

perform(#{op := crash, path := Path, reason := Reason}) -> crash(Path, Reason);
perform(#{op := pass, seconds := Seconds}) ->
    [sys:replace_state(Pid, fun(State) -> age(State, Seconds) end, infinity) || {Pid, _, _} <- supervisors()],
    <<"ok">>;
perform(#{op := burst, sup := Path, ops := Ops}) ->
    Sup = oracle_world:pid_of(Path),
    ok = sys:suspend(Sup),
    Pending = [queue(Op, Sup) || Op <- Ops],
    ok = sys:resume(Sup),
    [collect(P) || P <- Pending];
perform(Op) -> call(Op).

%% Lets the window of a supervisor see its restarts as that many seconds older.
age(State, Seconds) ->
    Period = element(7, State),
    Restarts = element(8, State),
    true = state =:= element(1, State) andalso is_integer(Period) andalso is_list(Restarts),
    setelement(8, State, [T - Seconds || T <- Restarts]).

crash(Path, Reason) ->
    Pid = oracle_world:pid_of(Path),
    Ref = monitor(process, Pid),
    case Reason of
        kill -> exit(Pid, kill);
        _ -> Pid ! {crash, crash_reason(Reason)}
    end,
    receive {'DOWN', Ref, process, Pid, noproc} -> <<"gone">>;
            {'DOWN', Ref, process, Pid, _} -> <<"ok">>
    end.

crash_reason(error) -> boom;
crash_reason(shutdown_term) -> {shutdown, x};
crash_reason(Reason) -> Reason.

%% In a burst the supervisor is suspended: exits and calls wait in its queue, in this order.
queue(#{op := crash, path := Path, reason := Reason}, Sup) ->
    Reply = crash(Path, Reason),
    settle([Sup]),
    {done, Reply};
queue(Op, Sup) ->
    Before = queue_length(Sup),
    Self = self(),
    Caller = spawn(fun() -> Self ! {self(), call(Op)} end),
    wait(fun() -> queue_length(Sup) > Before end),
    {caller, Caller}.

collect({done, Reply}) -> Reply;
collect({caller, Caller}) -> receive {Caller, Reply} -> Reply end.

queue_length(Pid) ->
    {message_queue_len, Length} = process_info(Pid, message_queue_len),
    Length.

wait(Condition) ->
    case Condition() of
        true -> ok;
        false -> erlang:yield(), wait(Condition)
    end.

call(#{sup := Path} = Op) ->
    Sup = oracle_world:pid_of(Path),
    try reply(call(Op, Sup, simple(Sup)))
    catch exit:{_, {gen_server, call, _}} -> <<"gone">>
    end.

call(#{op := start, sup := Path, child := Child}, Sup, false) ->
    supervisor:start_child(Sup, oracle_world:child_spec(Path, Child));
call(#{op := start, key := Key, starts := Starts}, Sup, true) -> supervisor:start_child(Sup, [Key, Starts]);
call(#{op := terminate, sup := Path, id := Id}, Sup, true) ->
    supervisor:terminate_child(Sup, oracle_world:pid_of(<<Path/binary, "/", Id/binary>>));
call(#{op := terminate, id := Id}, Sup, false) -> supervisor:terminate_child(Sup, Id);
call(#{op := restart, id := Id}, Sup, _) -> supervisor:restart_child(Sup, Id);
call(#{op := delete, id := Id}, Sup, _) -> supervisor:delete_child(Sup, Id);
call(#{op := which}, Sup, Simple) -> {which, which(Sup, Simple)}.

reply(ok) -> <<"ok">>;
reply({ok, undefined}) -> <<"undefined">>;
reply({ok, Pid}) -> oracle_world:name_of(Pid);
reply({which, Children}) -> iolist_to_binary(lists:join(",", Children));
reply({error, {already_started, _}}) -> <<"already_started">>;
reply({error, Known}) when Known =:= already_present; Known =:= not_found; Known =:= running;
                           Known =:= restarting; Known =:= simple_one_for_one -> atom_to_binary(Known);
reply({error, scripted}) -> <<"failed">>;
reply({error, {scripted, _}}) -> <<"failed">>;
reply({error, {shutdown, {failed_to_start_child, _, _}}}) -> <<"failed">>;
reply({error, {{shutdown, {failed_to_start_child, _, _}}, _}}) -> <<"failed">>.

%% ---- quiet ----

%% Asks every supervisor but the suspended ones (and those above them, which have no reason to move) until two
%% rounds in a row bring no event and no child is restarting: a failed restart always leaves its child restarting.
settle(Suspended) -> settle(Suspended, 2).

settle(_, 0) -> ok;
settle(Suspended, Rounds) ->
    {Count, _} = oracle_world:look(),
    Restarting = [Id || {Sup, _, _} <- supervisors(), not lists:member(Sup, Suspended),
                        {Id, restarting, _, _} <- ask(Sup)],
    erlang:yield(),
    case oracle_world:look() of
        {Count, _} when Restarting =:= [] -> settle(Suspended, Rounds - 1);
        _ -> settle(Suspended, 2)
    end.

ask(Sup) ->
    try supervisor:which_children(Sup)
    catch exit:{_, {gen_server, call, _}} -> []
    end.

%% ---- what is there ----

supervisors() ->
    {_, Live} = oracle_world:look(),
    lists:sort(fun({_, A, _}, {_, B, _}) -> A =< B end,
               [{Pid, Path, Spec} || {Pid, Path, _, #{kind := supervisor} = Spec} <- Live]).

snapshot() ->
    [#{path => Path, simple => simple(Pid), children => which(Pid, simple(Pid)), states => states(Pid, Path),
       counts => supervisor:count_children(Pid)} || {Pid, Path, _} <- supervisors()].

simple(Sup) ->
    case [Spec || {Pid, _, Spec} <- supervisors(), Pid =:= Sup] of
        [#{strategy := Strategy}] -> Strategy =:= simple_one_for_one;
        [] -> false
    end.

%% {Id, Kind, State} of each child, for the generator.
states(Sup, Path) ->
    [{case Id of undefined when is_pid(State) -> last(oracle_world:name_of(State)); _ -> Id end, Kind,
      case State of _ when is_pid(State) -> running; _ -> State end, Path}
     || {Id, State, Kind, _} <- supervisor:which_children(Sup)].

last(Name) ->
    [Path, _] = binary:split(Name, <<"#">>),
    lists:last(binary:split(Path, <<"/">>, [global])).

%% which_children, in OTP's order (newest first); the children of simple_one_for_one have none, so sorted.
which(Sup, false) -> [child(C) || C <- supervisor:which_children(Sup)];
which(Sup, true) -> lists:sort([child(C) || C <- supervisor:which_children(Sup)]).

child({_, Pid, _, _}) when is_pid(Pid) ->
    Name = oracle_world:name_of(Pid),
    lists:last(binary:split(Name, <<"/">>, [global]));
child({undefined, restarting, _, _}) -> <<"?">>;
child({Id, undefined, _, _}) -> <<Id/binary, "-">>;
child({Id, restarting, _, _}) -> <<Id/binary, "?">>.

render(#{path := Path, children := Children, counts := Counts}) ->
    Number = fun(Key) -> integer_to_list(proplists:get_value(Key, Counts)) end,
    iolist_to_binary([Path, "|", lists:join(",", Children), "|",
                      lists:join("/", [Number(K) || K <- [specs, active, supervisors, workers]])]).

%% simple_one_for_one stops its children all at once, in no order: each unbroken run of ends under one such
%% supervisor is told sorted.
order([]) -> [];
order([{Text, none} | Rest]) -> [Text | order(Rest)];
order([{_, Simple} | _] = Events) ->
    {Run, Rest} = lists:splitwith(fun({_, S}) -> S =:= Simple end, Events),
    lists:sort([Text || {Text, _} <- Run]) ++ order(Rest).

flush() -> receive _ -> flush() after 0 -> ok end.
