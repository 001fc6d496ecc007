# frozen_string_literal: true

# Writes one JSON line for each test, and one when the run ends. Old Rubies run this file (2.5 and newer).
#
# It writes to the folder that ROUTECLI_REPORT_DIR names and takes that name out of the environment, so that a runner
# that a test starts writes nothing here. A fork of the run stays silent.

require "json"

module Routecli
  DETAIL_CHARS = 6000

  # Which lines were run of those that were asked for: `{"lib/a.rb": [3, 7]}`. Ruby counts the first line of a step; the
  # ones below it go with it.
  class Lines
    def initialize(asked, folder)
      @asked = JSON.parse(asked.to_s.empty? ? "{}" : asked)
      @folder = folder
      return if @asked.empty?

      require "coverage"
      Coverage.start(lines: true) unless Coverage.respond_to?(:running?) && Coverage.running?
    rescue JSON::ParserError, LoadError, RuntimeError
      @asked = {}
    end

    # nil where nothing was asked, or the project counts in a way of its own.
    def run
      return nil if @asked.empty?

      counted = Coverage.peek_result
      @asked.each_with_object({}) do |(path, numbers), found|
        counts = counted[File.join(@folder, path)]
        counts = counts[:lines] if counts.is_a?(Hash)
        found[path] = numbers.select { |number| run?(counts, number) } if counts
      end
    rescue RuntimeError
      nil
    end

    private

    def run?(counts, number)
      (number - 1).downto(0) { |at| return counts[at].positive? if counts[at] }
      true
    end
  end

  class Record
    def initialize(name)
      @pid = Process.pid
      @started_in = File.realpath(Dir.pwd)
      @written = 0
      @out = File.open(File.join(ENV.delete("ROUTECLI_REPORT_DIR"), "#{name}-#{@pid}.jsonl"), "w")
      @out.sync = true
      @lines = Lines.new(ENV.delete("ROUTECLI_LINES"), @started_in)
    end

    def write(id, outcome, file, detail = "", phase = "call")
      line({ "id" => text(id), "outcome" => outcome, "file" => relative(file), "detail" => text(detail), "phase" => phase })
    end

    def finish
      lines = @lines.run
      line({ "end" => true, "records" => @written, "files" => files, **(lines ? { "lines" => lines } : {}) })
    end

    # A path relative to the folder that the run began in.
    def relative(path)
      return "" if path.nil? || path.to_s.empty?

      whole = File.expand_path(path.to_s, @started_in)
      whole = File.realpath(whole) if File.exist?(whole)
      whole.start_with?("#{@started_in}/") ? whole[(@started_in.length + 1)..-1] : whole
    end

    private

    def line(entry)
      return if Process.pid != @pid

      @out.write("#{JSON.generate(entry)}\n")
      @written += 1
    end

    def text(said)
      said.to_s.encode("UTF-8", invalid: :replace, undef: :replace).scrub[0, DETAIL_CHARS]
    end

    # The files below the folder of the run that were loaded.
    def files
      own = $LOADED_FEATURES.select { |path| path.start_with?("/") }.map { |path| relative(path) }
      own.reject { |path| path.start_with?("/", "vendor/") }.sort
    end
  end
end
