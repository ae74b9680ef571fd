package io.github.lenet.data;

import java.io.IOException;
import java.nio.file.Path;

/** Another process, with less memory, that reads images: {@code ReadMain FILE}. */
final class ReadMain {
  private ReadMain() {}

  public static void main(String[] arguments) throws IOException {
    System.out.println(IdxReader.readImages(Path.of(arguments[0])).count());
  }
}
