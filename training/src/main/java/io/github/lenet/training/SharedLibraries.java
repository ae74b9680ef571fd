package io.github.lenet.training;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Where a Linux process finds shared libraries: what the dynamic loader goes through when a library
 * is opened by name ({@code man 8 ld.so}), in its order, and then the places where libraries lie
 * that it does not search.
 *
 * @param loaded files that are in the process already; a name that one of them has is not searched
 *     for
 * @param environment the directories of {@code LD_LIBRARY_PATH}
 * @param cache files that {@code ldconfig -p} lists
 * @param standard directories that are searched in any case
 * @param elsewhere directories that are not searched
 */
record SharedLibraries(
    List<Path> loaded,
    List<Path> environment,
    List<Path> cache,
    List<Path> standard,
    List<Path> elsewhere) {

  /** {@code <TAB>libz.so.1 (libc6,x86-64) => /lib/x86_64-linux-gnu/libz.so.1}. */
  private static final Pattern CACHE_LINE = Pattern.compile("\\t\\S+ \\(.*x86-64.*\\) => (/.*)");

  private static final byte[] ELF_64_BIT_LITTLE_ENDIAN = {0x7f, 'E', 'L', 'F', 2, 1};
  private static final int ELF_MACHINE_OFFSET = 18;
  private static final byte ELF_X86_64 = 62;

  SharedLibraries {
    loaded = List.copyOf(loaded);
    environment = List.copyOf(environment);
    cache = List.copyOf(cache);
    standard = List.copyOf(standard);
    elsewhere = List.copyOf(elsewhere);
  }

  /** What came of a search; at most one of the paths is there. */
  sealed interface Search {
    /** The loader takes this file. */
    record Found(Path path) implements Search {}

    /** The loader comes to this file first, and can't take it. */
    record Defect(Path path, String what) implements Search {}

    /** There is one, but where the loader does not look. */
    record Elsewhere(Path path) implements Search {}

    /** There is only a version with another name. */
    record OtherVersion(Path path) implements Search {}

    /** There is none. */
    record Missing() implements Search {}
  }

  /** As this process finds them; costs a call of ldconfig, some milliseconds. */
  static SharedLibraries ofThisProcess() {
    return new SharedLibraries(
        mapped(lines(Path.of("/proc/self/maps"))),
        environment(System.getenv().getOrDefault("LD_LIBRARY_PATH", "")),
        cached(ldconfig()),
        Stream.of(
                "/lib/x86_64-linux-gnu",
                "/usr/lib/x86_64-linux-gnu",
                "/lib64",
                "/usr/lib64",
                "/lib",
                "/usr/lib")
            .map(Path::of)
            .toList(),
        usualPlaces());
  }

  /** The files of {@code /proc/self/maps}; the address ranges before them hold no slash. */
  static List<Path> mapped(List<String> lines) {
    return lines.stream()
        .filter(line -> line.indexOf('/') >= 0)
        .map(line -> line.substring(line.indexOf('/')))
        .distinct()
        .flatMap(SharedLibraries::path)
        .toList();
  }

  static List<Path> environment(String libraryPath) {
    return Arrays.stream(libraryPath.split("[:;]"))
        .filter(directory -> !directory.isEmpty())
        .map(Path::of)
        .toList();
  }

  static List<Path> cached(List<String> lines) {
    return lines.stream()
        .map(CACHE_LINE::matcher)
        .filter(Matcher::matches)
        .flatMap(line -> path(line.group(1)))
        .toList();
  }

  /** None where the locale lacks a letter of its name: then Java can't read the file either. */
  private static Stream<Path> path(String name) {
    try {
      return Stream.of(Path.of(name));
    } catch (InvalidPathException e) {
      return Stream.empty();
    }
  }

  /** Where CUDA is put by NVIDIA's installer, by distributions, by Conda and by WSL 2. */
  private static List<Path> usualPlaces() {
    List<Path> places = new ArrayList<>();
    Map.of("CUDA_HOME", "lib64", "CUDA_PATH", "lib64", "CONDA_PREFIX", "lib")
        .forEach(
            (variable, directory) -> {
              String home = System.getenv().getOrDefault(variable, "");
              if (!home.isEmpty()) {
                places.add(Path.of(home, directory));
              }
            });
    for (Path cuda : children(Path.of("/usr/local"), "cuda*")) {
      places.add(cuda.resolve("lib64"));
    }
    places.add(Path.of("/opt/cuda/lib64"));
    places.add(Path.of("/usr/lib/wsl/lib"));
    return places;
  }

  /**
   * Looks for a library as the loader would.
   *
   * @param file its name with the major version, which is what programs ask for: {@code
   *     libcublas.so.12}
   */
  Search find(String file) {
    for (Path path : loaded) {
      if (path.endsWith(file)) {
        return new Search.Found(path);
      }
    }
    Optional<Search> defect = Optional.empty();
    for (Path path : candidates(file)) {
      Optional<String> what = defect(path);
      if (what.isEmpty()) {
        return new Search.Found(path);
      }
      if (defect.isEmpty()) {
        defect = Optional.of(new Search.Defect(path, what.get()));
      }
    }
    if (defect.isPresent()) {
      return defect.get();
    }
    for (Path directory : elsewhere) {
      Path path = directory.resolve(file);
      if (isThere(path) && defect(path).isEmpty()) {
        return new Search.Elsewhere(path);
      }
    }
    return otherVersion(file).<Search>map(Search.OtherVersion::new).orElseGet(Search.Missing::new);
  }

  /** What lies under this name, in the order in which the loader tries it. */
  private List<Path> candidates(String file) {
    return Stream.of(
            environment.stream().map(directory -> directory.resolve(file)),
            cache.stream().filter(path -> path.endsWith(file)),
            standard.stream().map(directory -> directory.resolve(file)))
        .flatMap(paths -> paths)
        .filter(SharedLibraries::isThere)
        .toList();
  }

  /** A file of the same version without the link that has its short name is none to tell about. */
  private Optional<Path> otherVersion(String file) {
    String stem = file.substring(0, file.indexOf(".so")) + ".so.";
    Stream<Path> inDirectories =
        Stream.of(environment, standard, elsewhere)
            .flatMap(List::stream)
            .flatMap(directory -> children(directory, stem + "*").stream());
    return Stream.concat(cache.stream(), inDirectories)
        .filter(path -> path.getFileName().toString().startsWith(stem))
        .filter(path -> !path.getFileName().toString().startsWith(file + "."))
        .filter(path -> defect(path).isEmpty())
        .findFirst();
  }

  /** Also a symbolic link that leads nowhere is there. */
  private static boolean isThere(Path path) {
    return Files.exists(path, LinkOption.NOFOLLOW_LINKS);
  }

  /** Why the loader can't take a file; empty if it can. */
  private static Optional<String> defect(Path path) {
    if (!Files.exists(path)) {
      return Optional.of("is a symbolic link to nothing");
    }
    byte[] header;
    try (InputStream in = Files.newInputStream(path)) {
      header = in.readNBytes(ELF_MACHINE_OFFSET + 1);
    } catch (IOException e) {
      return Optional.of("cannot be read");
    }
    int magic = ELF_64_BIT_LITTLE_ENDIAN.length;
    boolean fits =
        header.length > ELF_MACHINE_OFFSET
            && Arrays.equals(header, 0, magic, ELF_64_BIT_LITTLE_ENDIAN, 0, magic)
            && header[ELF_MACHINE_OFFSET] == ELF_X86_64;
    return fits ? Optional.empty() : Optional.of("is no library for 64-bit x86");
  }

  /** Sorted, so that the same machine gives the same result; none where there is no directory. */
  private static List<Path> children(Path directory, String glob) {
    List<Path> children = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, glob)) {
      entries.forEach(children::add);
    } catch (IOException e) {
      return List.of();
    }
    children.sort(null);
    return children;
  }

  private static List<String> ldconfig() {
    for (String program : List.of("/sbin/ldconfig", "/usr/sbin/ldconfig")) {
      if (Files.isExecutable(Path.of(program))) {
        try {
          Process process =
              new ProcessBuilder(program, "-p")
                  .redirectError(ProcessBuilder.Redirect.DISCARD)
                  .start();
          process.getOutputStream().close();
          return lines(process.getInputStream().readAllBytes());
        } catch (IOException e) {
          return List.of();
        }
      }
    }
    return List.of();
  }

  private static List<String> lines(Path file) {
    try {
      return lines(Files.readAllBytes(file));
    } catch (IOException e) {
      return List.of();
    }
  }

  private static List<String> lines(byte[] text) {
    return new String(text, StandardCharsets.UTF_8).lines().toList();
  }
}
