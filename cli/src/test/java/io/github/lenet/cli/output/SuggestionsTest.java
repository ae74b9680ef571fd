package io.github.lenet.cli.output;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class SuggestionsTest {

  private static final List<String> ACTIVATIONS = List.of("sigmoid", "tanh", "relu");

  @Test
  void findsAWordWithSwappedMissingOrWrongLetters() {
    assertEquals(Optional.of("relu"), Suggestions.to("rleu", ACTIVATIONS));
    assertEquals(Optional.of("sigmoid"), Suggestions.to("sigmod", ACTIVATIONS));
    assertEquals(Optional.of("tanh"), Suggestions.to("TAMH", ACTIVATIONS));
  }

  @Test
  void suggestsNothingForSomethingElse() {
    assertEquals(Optional.empty(), Suggestions.to("softmax", ACTIVATIONS));
    assertEquals(Optional.empty(), Suggestions.to("", ACTIVATIONS));
    assertEquals("", Suggestions.suggestion("softmax", ACTIVATIONS));
  }

  @Test
  void doesNotSuggestAShortWordForAnother() {
    assertEquals(Optional.empty(), Suggestions.to("xy", List.of("no")));
  }

  @Test
  void takesTheNearestOfSeveral() {
    assertEquals(Optional.of("relu"), Suggestions.to("relu", List.of("relux", "relu", "rel")));
    assertEquals("; did you mean relu?", Suggestions.suggestion("rleu", ACTIVATIONS));
  }

  @Test
  void countsTheLettersThatAreMissingAtTheEnd() {
    assertEquals(Optional.empty(), Suggestions.to("x", ACTIVATIONS));
    assertEquals(Optional.empty(), Suggestions.to("s", ACTIVATIONS));
  }
}
