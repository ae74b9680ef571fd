package io.github.lenet.data;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class NearestTest {

  private static final List<String> ACTIVATIONS = List.of("sigmoid", "tanh", "relu");

  @Test
  void findsAWordWithSwappedMissingOrWrongLetters() {
    assertEquals(Optional.of("relu"), Nearest.to("rleu", ACTIVATIONS));
    assertEquals(Optional.of("sigmoid"), Nearest.to("sigmod", ACTIVATIONS));
    assertEquals(Optional.of("tanh"), Nearest.to("TAMH", ACTIVATIONS));
  }

  @Test
  void suggestsNothingForSomethingElse() {
    assertEquals(Optional.empty(), Nearest.to("softmax", ACTIVATIONS));
    assertEquals(Optional.empty(), Nearest.to("", ACTIVATIONS));
    assertEquals("", Nearest.suggestion("softmax", ACTIVATIONS));
  }

  @Test
  void doesNotSuggestAShortWordForAnother() {
    assertEquals(Optional.empty(), Nearest.to("xy", List.of("no")));
  }

  @Test
  void takesTheNearestOfSeveral() {
    assertEquals(Optional.of("relu"), Nearest.to("relu", List.of("relux", "relu", "rel")));
    assertEquals("; did you mean relu?", Nearest.suggestion("rleu", ACTIVATIONS));
  }

  @Test
  void countsTheLettersThatAreMissingAtTheEnd() {
    assertEquals(Optional.empty(), Nearest.to("x", ACTIVATIONS));
    assertEquals(Optional.empty(), Nearest.to("s", ACTIVATIONS));
  }
}
