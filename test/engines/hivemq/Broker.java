import com.hivemq.configuration.service.InternalConfigurations;
import com.hivemq.embedded.EmbeddedExtension;
import com.hivemq.embedded.EmbeddedHiveMQ;
import com.hivemq.extension.sdk.api.ExtensionMain;
import com.hivemq.extension.sdk.api.auth.SimpleAuthenticator;
import com.hivemq.extension.sdk.api.auth.parameter.SimpleAuthInput;
import com.hivemq.extension.sdk.api.auth.parameter.SimpleAuthOutput;
import com.hivemq.extension.sdk.api.auth.parameter.TopicPermission;
import com.hivemq.extension.sdk.api.auth.parameter.TopicPermission.MqttActivity;
import com.hivemq.extension.sdk.api.packets.auth.DefaultAuthorizationBehaviour;
import com.hivemq.extension.sdk.api.packets.auth.ModifiableDefaultPermissions;
import com.hivemq.extension.sdk.api.parameter.ExtensionStartInput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStartOutput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStopInput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStopOutput;
import com.hivemq.extension.sdk.api.services.Services;
import com.hivemq.extension.sdk.api.services.builder.Builders;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * HiveMQ Community Edition on the folder that it is given: {@code conf/config.xml}, {@code data}, and two files that say who
 * may come in: {@code users} (lines of name, tab, password; without it everybody may) and {@code devices-may} (lines of
 * {@code publish} or {@code subscribe}, tab, topic, where %u is the user's name: all that a user with a slash in its name may;
 * the others may everything).
 *
 * <p>It tells who published each message in the user property {@code publisher}, and lets nobody else say so.
 */
public final class Broker {
  private static final String PUBLISHER = "publisher";

  public static void main(final String[] arguments) throws Exception {
    try {
      start(Path.of(arguments[0]));
    } catch (final Throwable error) {
      error.printStackTrace();
      System.exit(1); // threads of its own would keep it
    }
  }

  private static void start(final Path folder) {
    // Each is a database of its own, and the default is 64 of each kind: seconds of a start.
    InternalConfigurations.PERSISTENCE_BUCKET_COUNT.set(4);
    InternalConfigurations.PAYLOAD_PERSISTENCE_BUCKET_COUNT.set(4);
    final EmbeddedExtension admission =
        EmbeddedExtension.builder()
            .withId("admission")
            .withName("admission")
            .withVersion("1")
            .withAuthor("faultline")
            .withExtensionMain(new Admission(folder))
            .build();
    final EmbeddedHiveMQ broker =
        EmbeddedHiveMQ.builder()
        .withConfigurationFolder(folder.resolve("conf"))
        .withDataFolder(folder.resolve("data"))
        .withExtensionsFolder(folder.resolve("extensions"))
        .withEmbeddedExtension(admission)
        .build();
    broker.start().join();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> broker.stop().join()));
    System.out.println("ready");
  }

  private static final class Admission implements ExtensionMain {
    private final Path folder;

    Admission(final Path folder) {
      this.folder = folder;
    }

    @Override
    public void extensionStart(final ExtensionStartInput input, final ExtensionStartOutput output) {
      Services.securityRegistry().setAuthenticatorProvider(provided -> (SimpleAuthenticator) this::admit);
      Services.initializerRegistry()
          .setClientInitializer(
              (client, context) ->
                  context.addPublishInboundInterceptor(
                      (published, passedOn) -> {
                        final var told = passedOn.getPublishPacket().getUserProperties();
                        told.removeName(PUBLISHER);
                        final var connection = published.getConnectionInformation().getConnectionAttributeStore();
                        connection
                            .getAsString(PUBLISHER)
                            .ifPresent(name -> told.addUserProperty(PUBLISHER, name));
                      }));
    }

    @Override
    public void extensionStop(final ExtensionStopInput input, final ExtensionStopOutput output) {}

    private void admit(final SimpleAuthInput input, final SimpleAuthOutput output) {
      final String name = input.getConnectPacket().getUserName().orElse("");
      final String password =
          input.getConnectPacket().getPassword().map(StandardCharsets.UTF_8::decode).map(Object::toString).orElse("");
      final List<String> users = lines("users");
      if (users != null && !users.contains(name + "\t" + password)) {
        output.failAuthentication();
        return;
      }
      // Kept with the connection: a publish interceptor does not see CONNECT.
      input
          .getConnectionInformation()
          .getConnectionAttributeStore()
          .putAsString(PUBLISHER, name);
      final List<String> rights = lines("devices-may");
      if (rights != null && name.contains("/")) allowOnly(rights, name, output.getDefaultPermissions());
      output.authenticateSuccessfully();
    }

    private static void allowOnly(
        final List<String> rights, final String name, final ModifiableDefaultPermissions permissions) {
      permissions.setDefaultBehaviour(DefaultAuthorizationBehaviour.DENY);
      for (final String right : rights) {
        final String[] parts = right.split("\t");
        permissions.add(
            Builders.topicPermission()
                .topicFilter(parts[1].replace("%u", name))
                .activity(MqttActivity.valueOf(parts[0].toUpperCase()))
                .type(TopicPermission.PermissionType.ALLOW)
                .build());
      }
    }

    /** Read anew for each connection, so that further users get in at once; null: there is no such file. */
    private List<String> lines(final String file) {
      try {
        final Path path = folder.resolve(file);
        return Files.exists(path) ? Files.readAllLines(path) : null;
      } catch (final IOException error) {
        throw new IllegalStateException(error);
      }
    }
  }
}
