%% JSON for the few shapes a history has: maps with atom keys, lists, atoms, integers, binaries; the letters of a
%% start script are an Erlang string. Keys come out sorted, so that the same history is the same text.
-module(oracle_json).
-export([encode/1]).

encode(Map) when is_map(Map) ->
    ["{", lists:join(",", [[text(atom_to_list(K)), ":", value(K, V)] || {K, V} <- lists:sort(maps:to_list(Map))]), "}"];
encode(List) when is_list(List) -> ["[", lists:join(",", [encode(E) || E <- List]), "]"];
encode(Number) when is_integer(Number) -> integer_to_list(Number);
encode(true) -> "true";
encode(false) -> "false";
encode(Atom) when is_atom(Atom) -> text(atom_to_list(Atom));
encode(Binary) when is_binary(Binary) -> text(Binary).

value(starts, Letters) -> text(Letters);
value(shutdown, Milliseconds) when is_integer(Milliseconds) -> text(integer_to_list(Milliseconds));
value(_, Value) -> encode(Value).

%% Nothing that a history holds needs escaping.
text(Text) -> ["\"", Text, "\""].
