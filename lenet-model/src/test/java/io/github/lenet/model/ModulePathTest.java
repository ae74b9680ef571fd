package io.github.lenet.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An application that is a module uses this library, everything on the module path. */
class ModulePathTest {

  @TempDir Path directory;

  @Test
  void anApplicationModuleClassifies() throws Exception {
    String modulePath =
        Stream.concat(
                Stream.of(jar().toString()),
                Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                    .filter(entry -> entry.matches(".*(tensorflow|ndarray|javacpp|protobuf).*jar")))
            .collect(Collectors.joining(File.pathSeparator));
    Path application = directory.resolve("application");
    compile(modulePath, application);
    ChildJvm child = new ChildJvm(directory);
    String printed =
        child.run(
            List.of("--module-path", modulePath + File.pathSeparator + application),
            "--module",
            "application/application.Main");

    assertEquals(0, child.exitValue(), child.errors());
    assertEquals("io.github.lenet.model: 10 of 10", printed.strip());
  }

  private void compile(String modulePath, Path application) throws IOException {
    Path sources = Files.createDirectories(directory.resolve("sources/application"));
    Path module =
        Files.writeString(
            sources.resolveSibling("module-info.java"),
            """
            module application {
              requires io.github.lenet.model;
              requires tensorflow; // an automatic module cannot ask for it
              requires java.desktop; // images
            }
            """);
    Path main =
        Files.writeString(
            sources.resolve("Main.java"),
            """
            package application;

            import io.github.lenet.model.LeNetClassifier;
            import java.awt.image.BufferedImage;

            public class Main {
              public static void main(String[] arguments) throws Exception {
                BufferedImage image = new BufferedImage(9, 9, BufferedImage.TYPE_INT_RGB);
                try (LeNetClassifier classifier = LeNetClassifier.pretrained()) {
                  System.out.println(
                      LeNetClassifier.class.getModule().getName()
                          + ": " + classifier.predict(image, 10).size()
                          + " of " + classifier.model().classNames().size());
                }
              }
            }
            """);
    ByteArrayOutputStream errors = new ByteArrayOutputStream();
    int status =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                null,
                errors,
                "--module-path",
                modulePath,
                "-d",
                application.toString(),
                module.toString(),
                main.toString());
    assertEquals(0, status, errors.toString());
  }

  /** The module's classes under the name that its build gives them. */
  private Path jar() throws IOException {
    Matcher name =
        Pattern.compile("<Automatic-Module-Name>(.*?)<")
            .matcher(Files.readString(Path.of("pom.xml")));
    assertTrue(name.find());
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().putValue("Automatic-Module-Name", name.group(1));
    Path jar = directory.resolve("lenet-model.jar");
    Path classes = Path.of("target/classes");
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream out = new JarOutputStream(file, manifest);
        Stream<Path> files = Files.walk(classes)) {
      for (Path path : files.filter(Files::isRegularFile).toList()) {
        out.putNextEntry(new JarEntry(classes.relativize(path).toString().replace('\\', '/')));
        Files.copy(path, out);
      }
    }
    return jar;
  }
}
