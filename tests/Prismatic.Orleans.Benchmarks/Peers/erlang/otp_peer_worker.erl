%% A worker that crashes when it is told to.
-module(otp_peer_worker).
-behaviour(gen_server).
-export([start_link/1, init/1, handle_call/3, handle_cast/2, handle_info/2]).

start_link(Name) -> gen_server:start_link({local, Name}, ?MODULE, [], []).

init([]) ->
    atomics:add(persistent_term:get(otp_peer_starts), 1, 1),
    {ok, 0}.

handle_call(whoami, _From, State) -> {reply, self(), State};
handle_call(ping, _From, State) -> {reply, pong, State}.

handle_cast(_, State) -> {noreply, State}.

handle_info(crash, State) -> {stop, {boom, "connection refused"}, State}.
