using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>
/// Copies of assemblies in which every class without an initialiser is marked "beforefieldinit" (compiled by MSBuild while it publishes; no part of the program).
/// The tables of metadata are those of ECMA-335, partition II, sections 22 and 24.2.6.
/// </summary>
public sealed class MarkBeforeFieldInit : Task
{
    private const uint Interface = 0x20;
    private const uint BeforeFieldInit = 0x00100000;

    [Required]
    public ITaskItem[] Assemblies { get; set; }

    [Required]
    public string Folder { get; set; }

    [Output]
    public ITaskItem[] Marked { get; set; }

    public override bool Execute()
    {
        Directory.CreateDirectory(Folder);
        var marked = new List<ITaskItem>();
        foreach (var assembly in Assemblies)
        {
            var bytes = File.ReadAllBytes(assembly.ItemSpec);
            Mark(bytes);
            var copy = Path.Combine(Folder, Path.GetFileName(assembly.ItemSpec));
            File.WriteAllBytes(copy, bytes);
            var item = new TaskItem(copy);
            assembly.CopyMetadataTo(item);
            marked.Add(item);
        }
        Marked = marked.ToArray();
        return true;
    }

    private static void Mark(byte[] image)
    {
        Func<int, int> two = at => BitConverter.ToUInt16(image, at);
        Func<int, int> four = at => BitConverter.ToInt32(image, at);

        // The headers of the file lead to the streams of metadata.
        var header = four(0x3c);
        var optional = header + 24;
        var isLong = two(optional) == 0x20b;
        var sections = optional + two(header + 20);
        Func<int, int> offset = address =>
        {
            for (var k = 0; k < two(header + 6); k++)
            {
                var section = sections + 40 * k;
                if (address >= four(section + 12) && address < four(section + 12) + four(section + 16))
                    return address - four(section + 12) + four(section + 20);
            }
            throw new BadImageFormatException("an address lies in no section");
        };
        var runtimeHeader = offset(four(optional + (isLong ? 112 : 96) + 8 * 14));
        var root = offset(four(runtimeHeader + 8));
        var streams = new Dictionary<string, int>();
        var entry = root + 16 + four(root + 12) + 4;
        for (var k = two(entry - 2); k > 0; k--)
        {
            var name = new StringBuilder();
            for (var at = entry + 8; image[at] != 0; at++)
                name.Append((char)image[at]);
            streams[name.ToString()] = root + four(entry);
            entry += 8 + 4 * (name.Length / 4 + 1);
        }

        // Rows of the tables that lie before that of methods, and how wide they are.
        var tables = streams["#~"];
        var heaps = image[tables + 6];
        var present = BitConverter.ToUInt64(image, tables + 8);
        var rows = new int[64];
        var first = tables + 24;
        for (var table = 0; table < 64; table++)
        {
            if ((present >> table & 1) == 0)
                continue;
            rows[table] = four(first);
            first += 4;
        }
        var text = (heaps & 1) != 0 ? 4 : 2;
        var guid = (heaps & 2) != 0 ? 4 : 2;
        var blob = (heaps & 4) != 0 ? 4 : 2;
        Func<int, int> index = table => rows[table] < 0x10000 ? 2 : 4;
        Func<int, int[], int> coded = (bits, of) =>
        {
            foreach (var table in of)
                if (rows[table] >= 1 << (16 - bits))
                    return 4;
            return 2;
        };
        const int module = 0,
            typeReference = 1,
            type = 2,
            fieldPointer = 3,
            field = 4,
            methodPointer = 5,
            method = 6,
            parameter = 8;
        if (rows[fieldPointer] != 0 || rows[methodPointer] != 0)
            return;
        var typeWidth = 4 + 2 * text + coded(2, new[] { type, typeReference, 0x1b }) + index(field) + index(method);
        var methodWidth = 8 + text + blob + index(parameter);
        var types =
            first
            + rows[module] * (2 + text + 3 * guid)
            + rows[typeReference] * (coded(2, new[] { module, 0x1a, 0x23, typeReference }) + 2 * text);
        var methods = types + rows[type] * typeWidth + rows[field] * (2 + text + blob);

        Func<int, int, int> read = (at, width) => width == 2 ? two(at) : four(at);
        Func<int, int> firstMethod = row =>
            row == rows[type] ? rows[method] : read(types + (row + 1) * typeWidth - index(method), index(method)) - 1;
        for (var row = 0; row < rows[type]; row++)
        {
            var at = types + row * typeWidth;
            var flags = BitConverter.ToUInt32(image, at);
            if ((flags & (Interface | BeforeFieldInit)) != 0)
                continue;
            var initialises = false;
            for (var k = firstMethod(row); k < firstMethod(row + 1); k++)
            {
                var name = streams["#Strings"] + read(methods + k * methodWidth + 8, text);
                initialises |= Encoding.ASCII.GetString(image, name, 7) == ".cctor\0";
            }
            if (!initialises)
                BitConverter.GetBytes(flags | BeforeFieldInit).CopyTo(image, at);
        }
    }
}
