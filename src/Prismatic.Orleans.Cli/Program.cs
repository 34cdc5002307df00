using System.Text;
using Prismatic.Cli;

// Without this, Windows writes what the console's code page has, and a file of predictions gets question marks.
var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
if (Console.IsOutputRedirected)
{
    Console.OutputEncoding = utf8;
}

var terminal = new Terminal(Console.Out, Console.Error)
{
    OutIsScreen = !Console.IsOutputRedirected,
    ErrorIsScreen = !Console.IsErrorRedirected,
};
return await PrismaticTool.Run(args, terminal);
