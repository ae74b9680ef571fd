package io.github.lenet.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Another process that ends while it draws the sample set: {@code SampleMain}. */
final class SampleMain {
  private SampleMain() {}

  public static void main(String[] arguments) throws Exception {
    Thread drawing =
        new Thread(
            () -> {
              try {
                SampleGarments.load();
              } catch (IOException e) {
                // The files vanish under its hands.
              }
            });
    drawing.start();
    while (!Files.exists(trainImages()) && drawing.isAlive()) {
      Thread.sleep(1);
    }
    System.out.println(drawing.isAlive() ? "drawing" : "too late");
    System.exit(0);
  }

  private static Path trainImages() throws IOException {
    Path none = Path.of(System.getProperty("java.io.tmpdir"), "none");
    try (var directories = Files.list(none.getParent())) {
      return directories
          .filter(path -> path.getFileName().toString().startsWith("lenet-sample"))
          .findFirst()
          .orElse(none)
          .resolve("train-images-idx3-ubyte.gz");
    }
  }
}
