/** SQL of a twin's state by that of `lead`, its leader: it is never sent itself, and so never running. */
export const FOLLOWED = "CASE lead.state WHEN 'running' THEN 'pending' ELSE lead.state END";
