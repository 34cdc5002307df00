%% The children of a history, and the journal that sees every one of them start and stop.
%%
%% A process is known by its path (r/a/b) and the number of the attempt that started it: r/a/b#2.
%% The journal monitors each process from inside that process's own start, so that its end is always seen;
%% the virtual machine runs on one scheduler, so the order in which the journal sees ends and starts is the
%% order in which the supervisor caused them.
-module(oracle_world).
-export([open/0, close/0, look/0, take_events/0, pid_of/1, name_of/1]).
-export([start_child/2, start_child/4, child_spec/2]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2]).

%% ---- journal ----

-record(journal, {events = [], count = 0, attempts = #{}, live = #{}, last = #{}}).

open() ->
    Pid = spawn(fun() -> journal(#journal{}) end),
    register(journal, Pid).

close() ->
    Pid = whereis(journal),
    Ref = monitor(process, Pid),
    unregister(journal),
    exit(Pid, kill),
    receive {'DOWN', Ref, process, Pid, _} -> ok end.

%% How many events there were, and every live process: {Pid, Path, Attempt, Spec}.
look() -> ask(look).
%% The events since the last call, oldest first.
take_events() -> ask(take_events).
%% The process that bore the path last, alive or not.
pid_of(Path) -> ask({pid_of, Path}).
name_of(Pid) -> ask({name_of, Pid}).

ask(Question) ->
    Ref = monitor(process, journal),
    journal ! {self(), Ref, Question},
    receive
        {Ref, Answer} -> demonitor(Ref, [flush]), Answer;
        {'DOWN', Ref, process, _, Reason} -> exit({journal, Reason})
    end.

journal(J) ->
    receive
        {From, Ref, Question} ->
            {Answer, J1} = answer(Question, From, J),
            From ! {Ref, Answer},
            journal(J1);
        {'DOWN', _, process, Pid, Reason} ->
            {{Path, Attempt, _}, Live} = maps:take(Pid, J#journal.live),
            journal(event(["-", Path, "#", integer_to_list(Attempt), " ", reason(Reason)], simple_parent(Path, Live),
                          J#journal{live = Live}))
    end.

%% The live simple_one_for_one supervisor right above that path, or none.
simple_parent(Path, Live) ->
    Above = lists:join("/", lists:droplast(binary:split(Path, <<"/">>, [global]))),
    case [P || {P, _, #{strategy := simple_one_for_one}} <- maps:values(Live), P =:= iolist_to_binary(Above)] of
        [Parent] -> Parent;
        [] -> none
    end.

answer({start, Path, Spec}, Pid, J) ->
    Attempt = maps:get(Path, J#journal.attempts, 0) + 1,
    Outcome = scripted(maps:get(starts, Spec), Attempt),
    J1 = event([sign(Outcome), Path, "#", integer_to_list(Attempt)], none,
               J#journal{attempts = maps:put(Path, Attempt, J#journal.attempts)}),
    case Outcome of
        $o ->
            monitor(process, Pid),
            {ok, J1#journal{live = maps:put(Pid, {Path, Attempt, Spec}, J1#journal.live),
                            last = maps:put(Path, {Pid, Attempt}, J1#journal.last)}};
        $f -> {fail, J1};
        $i -> {ignore, J1}
    end;
answer(look, _, J) ->
    {{J#journal.count, [{Pid, Path, Attempt, Spec} || {Pid, {Path, Attempt, Spec}} <- maps:to_list(J#journal.live)]}, J};
answer(take_events, _, J) ->
    {lists:reverse(J#journal.events), J#journal{events = []}};
answer({pid_of, Path}, _, J) ->
    case J#journal.last of
        #{Path := {Pid, _}} -> {Pid, J};
        _ -> {undefined, J}
    end;
answer({name_of, Pid}, _, J) ->
    [Name] = [[Path, "#", integer_to_list(Attempt)]
              || {Path, {P, Attempt}} <- maps:to_list(J#journal.last), P =:= Pid],
    {iolist_to_binary(Name), J}.

%% An event with, for the end of a child of simple_one_for_one, its supervisor.
event(Text, Simple, J) ->
    J#journal{events = [{iolist_to_binary(Text), Simple} | J#journal.events], count = J#journal.count + 1}.

scripted(Starts, Attempt) when Attempt =< length(Starts) -> lists:nth(Attempt, Starts);
scripted(_, _) -> $o.

sign($o) -> "+";
sign($f) -> "!";
sign($i) -> "~".

reason(normal) -> "normal";
reason(shutdown) -> "shutdown";
reason({shutdown, {failed_to_start_child, _, _}}) -> "failed";
reason({shutdown, _}) -> "{shutdown,x}";
reason(killed) -> "killed";
reason(boom) -> "error".

%% ---- children ----

child_spec(SupPath, #{id := Id, kind := Kind} = Spec) ->
    Path = <<SupPath/binary, "/", Id/binary>>,
    #{id => Id,
      start => {?MODULE, start_child, [Path, Spec]},
      restart => maps:get(restart, Spec),
      significant => maps:get(significant, Spec),
      shutdown => maps:get(shutdown, Spec),
      type => Kind}.

start_child(Path, #{kind := worker} = Spec) -> gen_server:start_link(?MODULE, {worker, Path, Spec}, []);
start_child(Path, #{kind := supervisor} = Spec) -> supervisor:start_link(?MODULE, {supervisor, Path, Spec}).

%% A child of a simple_one_for_one supervisor: the template, with the key and the script of this one.
start_child(SupPath, Template, Key, Starts) ->
    start_child(<<SupPath/binary, "/", Key/binary>>, Template#{id => Key, starts => Starts}).

init({worker, Path, Spec}) ->
    process_flag(trap_exit, true),
    case ask({start, Path, Spec}) of
        ok -> {ok, maps:get(stop, Spec)};
        fail -> {stop, scripted};
        ignore -> ignore
    end;
init({supervisor, Path, #{strategy := Strategy} = Spec}) ->
    case ask({start, Path, Spec}) of
        ok ->
            Flags = #{strategy => Strategy,
                      intensity => maps:get(intensity, Spec),
                      period => maps:get(period, Spec),
                      auto_shutdown => maps:get(auto_shutdown, Spec)},
            {ok, {Flags, children(Strategy, Path, maps:get(children, Spec))}};
        fail -> exit(scripted);
        ignore -> ignore
    end.

children(simple_one_for_one, Path, [Template]) ->
    [(child_spec(Path, Template))#{start => {?MODULE, start_child, [Path, Template]}}];
children(_, Path, Specs) ->
    [child_spec(Path, Spec) || Spec <- Specs].

handle_call(_, _, State) -> {noreply, State}.
handle_cast(_, State) -> {noreply, State}.
handle_info({crash, Reason}, _) -> {stop, Reason, crashed}.

%% What a worker does when its supervisor asks it to stop. One that crashed just ends.
terminate(_, crashed) -> ok;
terminate(_, polite) -> ok;
terminate(_, stuck) -> receive never -> ok end;
terminate(_, normal) -> exit(normal);
terminate(_, error) -> exit(boom).
