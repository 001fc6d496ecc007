# frozen_string_literal: true

# Runs a project's examples as `rspec` does, and records each (RSpec 3).

require_relative "record_routecli"
require "rspec/core"

module Routecli
  # An example is known by its file and what it is called. One without words of its own is called after what it finds,
  # which changes with the outcome: it goes by its place in its group.
  class Formatter
    RSpec::Core::Formatters.register self, :start, :example_passed, :example_failed, :example_pending, :message, :close
    UNREAD = /^An error occurred while loading (\S+?)\.?$/.freeze

    def initialize(_output)
      @record = RECORD
      @names = {}
    end

    def start(_notification)
      seen = Hash.new(0)
      RSpec.world.all_examples.each do |example|
        name = name_of(example)
        count = seen[name] += 1
        @names[example.id] = count == 1 ? name : "#{name} (#{count})"
      end
    end

    def example_passed(notification)
      write(notification.example, "passed")
    end

    def example_failed(notification)
      lines = notification.message_lines + notification.formatted_backtrace.first(12)
      write(notification.example, "failed", lines.join("\n"))
    end

    # `pending` ran and failed as it should; `skip` and `xit` did not run.
    def example_pending(notification)
      write(notification.example, notification.example.skipped? ? "skipped" : "xfailed")
    end

    def message(notification)
      file = notification.message[UNREAD, 1]
      @record.write("#{@record.relative(file)} [load]", "failed", file, notification.message, "collect") if file
    end

    # rspec closes its formatters even while the process is on its way out by `exit`: that is no end.
    def close(_notification)
      @record.finish unless $!
    end

    private

    def write(example, outcome, detail = "")
      name = @names[example.id] || name_of(example)
      @record.write(name, outcome, example.metadata[:absolute_file_path] || example.file_path, detail)
    end

    def name_of(example)
      own = example.metadata[:description_args].to_a.join(" ")
      own = "[#{example.metadata[:scoped_id]}]" if own.empty?
      "#{@record.relative(example.file_path)}::#{example.example_group.description_of_all(own)}"
    end
  end

  RECORD = Record.new("rspec")
end

class << RSpec::Core::ExampleGroup
  def description_of_all(own)
    [*parent_groups.reverse.map(&:description), own].join(" ")
  end
end

$0 = "rspec" # by that name it looks for the project's own default folder
RSpec::Core::Runner.disable_autorun!
exit RSpec::Core::Runner.run(
  ["--no-color", "--no-fail-fast", "--format", "progress", "--format", "Routecli::Formatter", "--out", File::NULL, *ARGV]
).to_i
