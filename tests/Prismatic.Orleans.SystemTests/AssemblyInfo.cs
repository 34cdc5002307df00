using Xunit.Sdk;
using Xunit.v3;

// Each test has processes of its own; one after the other they do not compete for the machine's cores.
[assembly: Parallelization(Mode = ParallelMode.None)]
