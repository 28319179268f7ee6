CREATE TABLE cas_activities (
    session text NOT NULL COLLATE pg_catalog."C",
    id integer NOT NULL,
    community_id integer NOT NULL,
    type text NOT NULL COLLATE pg_catalog."C",
    title text NOT NULL COLLATE pg_catalog."C",
    text text NOT NULL COLLATE pg_catalog."C",
    created_at text NOT NULL COLLATE pg_catalog."C",
    object_id integer
);
CREATE TABLE cas_appointments (
    session text NOT NULL COLLATE pg_catalog."C",
    id integer NOT NULL,
    community_id integer NOT NULL,
    title text NOT NULL COLLATE pg_catalog."C",
    description text COLLATE pg_catalog."C",
    location text COLLATE pg_catalog."C",
    starts_at text NOT NULL COLLATE pg_catalog."C",
    ends_at text NOT NULL COLLATE pg_catalog."C",
    all_day boolean NOT NULL
);
CREATE TABLE cas_clients (
    session text NOT NULL COLLATE pg_catalog."C",
    client_id text NOT NULL COLLATE pg_catalog."C",
    secret text COLLATE pg_catalog."C",
    redirect_uris json NOT NULL,
    post_logout_redirect_uris json NOT NULL,
    native boolean NOT NULL,
    lifetime integer NOT NULL
);
CREATE TABLE cas_communities (
    session text NOT NULL COLLATE pg_catalog."C",
    id integer NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C",
    tenant_id integer NOT NULL,
    manager_id integer NOT NULL
);
CREATE TABLE cas_contacts (
    session text NOT NULL COLLATE pg_catalog."C",
    id integer NOT NULL,
    reference text NOT NULL COLLATE pg_catalog."C",
    firstname text NOT NULL COLLATE pg_catalog."C",
    lastname text NOT NULL COLLATE pg_catalog."C",
    email text NOT NULL COLLATE pg_catalog."C",
    tenant_id integer
);
CREATE TABLE cas_failures (
    session text NOT NULL COLLATE pg_catalog."C",
    client text NOT NULL COLLATE pg_catalog."C",
    tries integer NOT NULL,
    blocked_until double precision NOT NULL
);
CREATE TABLE cas_faq_articles (
    session text NOT NULL COLLATE pg_catalog."C",
    id integer NOT NULL,
    community_id integer NOT NULL,
    group_id integer,
    question text NOT NULL COLLATE pg_catalog."C",
    answer text NOT NULL COLLATE pg_catalog."C",
    ticket_type_id integer
);
CREATE TABLE cas_faq_groups (
    session text NOT NULL COLLATE pg_catalog."C",
    id integer NOT NULL,
    community_id integer NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE cas_grants (
    session text NOT NULL COLLATE pg_catalog."C",
    id text NOT NULL COLLATE pg_catalog."C",
    user_id integer NOT NULL,
    client_id text NOT NULL COLLATE pg_catalog."C",
    scope text NOT NULL COLLATE pg_catalog."C",
    request json NOT NULL,
    logged_in_at bigint NOT NULL,
    code text NOT NULL COLLATE pg_catalog."C",
    code_used boolean NOT NULL,
    refresh_token text COLLATE pg_catalog."C",
    ended boolean NOT NULL
);
CREATE TABLE cas_important_contacts (
    session text NOT NULL COLLATE pg_catalog."C",
    id integer NOT NULL,
    community_id integer NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C",
    category text NOT NULL COLLATE pg_catalog."C",
    phone text COLLATE pg_catalog."C",
    email text COLLATE pg_catalog."C",
    address text COLLATE pg_catalog."C",
    note text COLLATE pg_catalog."C"
);
CREATE TABLE cas_invitations (
    session text NOT NULL COLLATE pg_catalog."C",
    id integer NOT NULL,
    token text NOT NULL COLLATE pg_catalog."C",
    community_id integer NOT NULL,
    contact_id integer NOT NULL,
    unit_id integer,
    firstname text NOT NULL COLLATE pg_catalog."C",
    lastname text NOT NULL COLLATE pg_catalog."C",
    email text NOT NULL COLLATE pg_catalog."C",
    administrator boolean NOT NULL,
    used boolean NOT NULL
);
CREATE TABLE cas_members (
    session text NOT NULL COLLATE pg_catalog."C",
    user_id integer NOT NULL,
    community_id integer NOT NULL,
    administrator boolean NOT NULL
);
CREATE TABLE cas_notifications (
    session text NOT NULL COLLATE pg_catalog."C",
    id integer NOT NULL,
    user_id integer NOT NULL,
    community_id integer NOT NULL,
    type text NOT NULL COLLATE pg_catalog."C",
    title text NOT NULL COLLATE pg_catalog."C",
    text text NOT NULL COLLATE pg_catalog."C",
    created_at text NOT NULL COLLATE pg_catalog."C",
    read boolean NOT NULL,
    object_id integer
);
CREATE TABLE cas_official_posts (
    session text NOT NULL COLLATE pg_catalog."C",
    id integer NOT NULL,
    community_id integer NOT NULL,
    created_by integer NOT NULL,
    title text NOT NULL COLLATE pg_catalog."C",
    text text NOT NULL COLLATE pg_catalog."C",
    created_at text NOT NULL COLLATE pg_catalog."C",
    attachments json NOT NULL
);
CREATE TABLE cas_providers (
    session text NOT NULL COLLATE pg_catalog."C",
    key text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE cas_residents (
    session text NOT NULL COLLATE pg_catalog."C",
    user_id integer NOT NULL,
    unit_id integer NOT NULL
);
CREATE TABLE cas_tenants (
    session text NOT NULL COLLATE pg_catalog."C",
    id integer NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE cas_ticket_comments (
    session text NOT NULL COLLATE pg_catalog."C",
    id integer NOT NULL,
    ticket_id integer NOT NULL,
    created_by integer NOT NULL,
    text text NOT NULL COLLATE pg_catalog."C",
    created_at text NOT NULL COLLATE pg_catalog."C",
    attachments json NOT NULL
);
CREATE TABLE cas_ticket_types (
    session text NOT NULL COLLATE pg_catalog."C",
    id integer NOT NULL,
    community_id integer NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C",
    description text COLLATE pg_catalog."C",
    fields json NOT NULL
);
CREATE TABLE cas_tickets (
    session text NOT NULL COLLATE pg_catalog."C",
    id integer NOT NULL,
    community_id integer NOT NULL,
    type_id integer NOT NULL,
    unit_id integer,
    created_by integer NOT NULL,
    assigned_to integer,
    status text NOT NULL COLLATE pg_catalog."C",
    status_text text NOT NULL COLLATE pg_catalog."C",
    title text NOT NULL COLLATE pg_catalog."C",
    description_rendered text NOT NULL COLLATE pg_catalog."C",
    custom_fields json NOT NULL,
    attachments json NOT NULL,
    rating json
);
CREATE TABLE cas_units (
    session text NOT NULL COLLATE pg_catalog."C",
    id integer NOT NULL,
    community_id integer NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE cas_unread_chats (
    session text NOT NULL COLLATE pg_catalog."C",
    user_id integer NOT NULL,
    community_id integer NOT NULL,
    count integer NOT NULL
);
CREATE TABLE cas_uploads (
    session text NOT NULL COLLATE pg_catalog."C",
    path text NOT NULL COLLATE pg_catalog."C",
    answer json NOT NULL,
    is_thumb boolean NOT NULL,
    file_id integer NOT NULL
);
CREATE TABLE cas_users (
    session text NOT NULL COLLATE pg_catalog."C",
    id integer NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C",
    email text NOT NULL COLLATE pg_catalog."C",
    email_folded text NOT NULL COLLATE pg_catalog."C",
    password text COLLATE pg_catalog."C",
    provider text NOT NULL COLLATE pg_catalog."C",
    sub text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE files (
    id integer NOT NULL,
    size integer NOT NULL,
    content bytea NOT NULL
);
CREATE SEQUENCE files_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE files_id_seq OWNED BY files.id;
CREATE TABLE journal (
    id integer NOT NULL,
    session text NOT NULL COLLATE pg_catalog."C",
    entry bytea NOT NULL
);
CREATE SEQUENCE journal_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE journal_id_seq OWNED BY journal.id;
CREATE TABLE lin_communities (
    session text NOT NULL COLLATE pg_catalog."C",
    id text NOT NULL COLLATE pg_catalog."C",
    rank integer NOT NULL,
    title text NOT NULL COLLATE pg_catalog."C",
    title_folded text NOT NULL COLLATE pg_catalog."C",
    description text COLLATE pg_catalog."C",
    type text NOT NULL COLLATE pg_catalog."C",
    creator text NOT NULL COLLATE pg_catalog."C",
    avatar text COLLATE pg_catalog."C",
    avatar_changed bigint,
    created_at text NOT NULL COLLATE pg_catalog."C",
    activity_uuid text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE lin_community_domains (
    session text NOT NULL COLLATE pg_catalog."C",
    community_id text NOT NULL COLLATE pg_catalog."C",
    domain_id text NOT NULL COLLATE pg_catalog."C",
    "position" integer NOT NULL,
    unique_title text COLLATE pg_catalog."C"
);
CREATE TABLE lin_domains (
    session text NOT NULL COLLATE pg_catalog."C",
    id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE lin_images (
    session text NOT NULL COLLATE pg_catalog."C",
    id text NOT NULL COLLATE pg_catalog."C",
    community_id text NOT NULL COLLATE pg_catalog."C",
    mimetype text NOT NULL COLLATE pg_catalog."C",
    original_id integer NOT NULL,
    small_id integer NOT NULL
);
CREATE TABLE lin_members (
    session text NOT NULL COLLATE pg_catalog."C",
    community_id text NOT NULL COLLATE pg_catalog."C",
    user_id text NOT NULL COLLATE pg_catalog."C",
    rank integer NOT NULL,
    joined_at text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE lin_membership_requests (
    session text NOT NULL COLLATE pg_catalog."C",
    community_id text NOT NULL COLLATE pg_catalog."C",
    user_id text NOT NULL COLLATE pg_catalog."C",
    rank integer NOT NULL,
    requested_at text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE lin_user_domains (
    session text NOT NULL COLLATE pg_catalog."C",
    user_id text NOT NULL COLLATE pg_catalog."C",
    domain_id text NOT NULL COLLATE pg_catalog."C",
    administrator boolean NOT NULL,
    joined_at text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE lin_users (
    session text NOT NULL COLLATE pg_catalog."C",
    id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    email text NOT NULL COLLATE pg_catalog."C",
    password text COLLATE pg_catalog."C",
    firstname text NOT NULL COLLATE pg_catalog."C",
    lastname text NOT NULL COLLATE pg_catalog."C",
    job_title text COLLATE pg_catalog."C",
    avatar text COLLATE pg_catalog."C",
    created_at text NOT NULL COLLATE pg_catalog."C",
    search text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE mock_server_tables (
    fingerprint text NOT NULL
);
CREATE TABLE sessions (
    session text NOT NULL COLLATE pg_catalog."C",
    scenario text NOT NULL,
    counter integer NOT NULL,
    used_at double precision NOT NULL,
    conditions json
);
ALTER TABLE ONLY files ALTER COLUMN id SET DEFAULT nextval('files_id_seq'::regclass);
ALTER TABLE ONLY journal ALTER COLUMN id SET DEFAULT nextval('journal_id_seq'::regclass);
INSERT INTO cas_clients VALUES ('*ac5cb4e8c0aaee165b1db05ff48574810df6d8e32c5cdee9d25475ad23860314', 'casavi-web', NULL, '["http://localhost:3000/callback"]', '["http://localhost:3000/","http://localhost:3000/callback"]', true, 3600);
INSERT INTO cas_clients VALUES ('default', 'casavi-web', NULL, '["http://localhost:3000/callback"]', '["http://localhost:3000/","http://localhost:3000/callback"]', true, 3600);
INSERT INTO cas_clients VALUES ('default.team', 'casavi-web', NULL, '["http://localhost:3000/callback"]', '["http://localhost:3000/","http://localhost:3000/callback"]', true, 3600);
INSERT INTO cas_clients VALUES ('default.team/kept', 'casavi-web', NULL, '["http://localhost:3000/callback"]', '["http://localhost:3000/","http://localhost:3000/callback"]', true, 3600);
INSERT INTO cas_communities VALUES ('*ac5cb4e8c0aaee165b1db05ff48574810df6d8e32c5cdee9d25475ad23860314', 1, 'Lindenhof', 1, 3);
INSERT INTO cas_communities VALUES ('*ac5cb4e8c0aaee165b1db05ff48574810df6d8e32c5cdee9d25475ad23860314', 2, 'Seeblick', 2, 4);
INSERT INTO cas_communities VALUES ('default', 1, 'Lindenhof', 1, 3);
INSERT INTO cas_communities VALUES ('default', 2, 'Seeblick', 2, 4);
INSERT INTO cas_communities VALUES ('default.team', 1, 'Lindenhof', 1, 3);
INSERT INTO cas_communities VALUES ('default.team', 2, 'Seeblick', 2, 4);
INSERT INTO cas_communities VALUES ('default.team/kept', 1, 'Lindenhof', 1, 3);
INSERT INTO cas_communities VALUES ('default.team/kept', 2, 'Seeblick', 2, 4);
INSERT INTO cas_contacts VALUES ('*ac5cb4e8c0aaee165b1db05ff48574810df6d8e32c5cdee9d25475ad23860314', 3, 'c-3', 'Petra', 'Sommer', 'petra.sommer@sonnenschein.example', NULL);
INSERT INTO cas_contacts VALUES ('*ac5cb4e8c0aaee165b1db05ff48574810df6d8e32c5cdee9d25475ad23860314', 4, 'c-4', 'Knut', 'Petersen', 'k.petersen@seeblick.example', NULL);
INSERT INTO cas_contacts VALUES ('*ac5cb4e8c0aaee165b1db05ff48574810df6d8e32c5cdee9d25475ad23860314', 101, 'c-101', 'Max', 'Mustermann', 'max@lindenhof.example', NULL);
INSERT INTO cas_contacts VALUES ('*ac5cb4e8c0aaee165b1db05ff48574810df6d8e32c5cdee9d25475ad23860314', 102, 'c-102', 'Erika', 'Musterfrau', 'erika@lindenhof.example', NULL);
INSERT INTO cas_contacts VALUES ('*ac5cb4e8c0aaee165b1db05ff48574810df6d8e32c5cdee9d25475ad23860314', 201, 'c-201', 'Hans', 'Seemann', 'hans@seeblick.example', NULL);
INSERT INTO cas_contacts VALUES ('default', 3, 'c-3', 'Petra', 'Sommer', 'petra.sommer@sonnenschein.example', NULL);
INSERT INTO cas_contacts VALUES ('default', 4, 'c-4', 'Knut', 'Petersen', 'k.petersen@seeblick.example', NULL);
INSERT INTO cas_contacts VALUES ('default', 101, 'c-101', 'Max', 'Mustermann', 'max@lindenhof.example', NULL);
INSERT INTO cas_contacts VALUES ('default', 102, 'c-102', 'Erika', 'Musterfrau', 'erika@lindenhof.example', NULL);
INSERT INTO cas_contacts VALUES ('default', 201, 'c-201', 'Hans', 'Seemann', 'hans@seeblick.example', NULL);
INSERT INTO cas_contacts VALUES ('default.team', 3, 'c-3', 'Petra', 'Sommer', 'petra.sommer@sonnenschein.example', NULL);
INSERT INTO cas_contacts VALUES ('default.team', 4, 'c-4', 'Knut', 'Petersen', 'k.petersen@seeblick.example', NULL);
INSERT INTO cas_contacts VALUES ('default.team', 101, 'c-101', 'Max', 'Mustermann', 'max@lindenhof.example', NULL);
INSERT INTO cas_contacts VALUES ('default.team', 102, 'c-102', 'Erika', 'Musterfrau', 'erika@lindenhof.example', NULL);
INSERT INTO cas_contacts VALUES ('default.team', 201, 'c-201', 'Hans', 'Seemann', 'hans@seeblick.example', NULL);
INSERT INTO cas_contacts VALUES ('default.team/kept', 3, 'c-3', 'Petra', 'Sommer', 'petra.sommer@sonnenschein.example', NULL);
INSERT INTO cas_contacts VALUES ('default.team/kept', 4, 'c-4', 'Knut', 'Petersen', 'k.petersen@seeblick.example', NULL);
INSERT INTO cas_contacts VALUES ('default.team/kept', 101, 'c-101', 'Max', 'Mustermann', 'max@lindenhof.example', NULL);
INSERT INTO cas_contacts VALUES ('default.team/kept', 102, 'c-102', 'Erika', 'Musterfrau', 'erika@lindenhof.example', NULL);
INSERT INTO cas_contacts VALUES ('default.team/kept', 201, 'c-201', 'Hans', 'Seemann', 'hans@seeblick.example', NULL);
INSERT INTO cas_members VALUES ('*ac5cb4e8c0aaee165b1db05ff48574810df6d8e32c5cdee9d25475ad23860314', 101, 1, true);
INSERT INTO cas_members VALUES ('*ac5cb4e8c0aaee165b1db05ff48574810df6d8e32c5cdee9d25475ad23860314', 102, 1, false);
INSERT INTO cas_members VALUES ('*ac5cb4e8c0aaee165b1db05ff48574810df6d8e32c5cdee9d25475ad23860314', 201, 2, false);
INSERT INTO cas_members VALUES ('default', 101, 1, true);
INSERT INTO cas_members VALUES ('default', 102, 1, false);
INSERT INTO cas_members VALUES ('default', 201, 2, false);
INSERT INTO cas_members VALUES ('default.team', 101, 1, true);
INSERT INTO cas_members VALUES ('default.team', 102, 1, false);
INSERT INTO cas_members VALUES ('default.team', 201, 2, false);
INSERT INTO cas_members VALUES ('default.team/kept', 101, 1, true);
INSERT INTO cas_members VALUES ('default.team/kept', 102, 1, false);
INSERT INTO cas_members VALUES ('default.team/kept', 201, 2, false);
INSERT INTO cas_providers VALUES ('*ac5cb4e8c0aaee165b1db05ff48574810df6d8e32c5cdee9d25475ad23860314', 'casavi');
INSERT INTO cas_providers VALUES ('*ac5cb4e8c0aaee165b1db05ff48574810df6d8e32c5cdee9d25475ad23860314', 'somekey');
INSERT INTO cas_providers VALUES ('default', 'casavi');
INSERT INTO cas_providers VALUES ('default', 'somekey');
INSERT INTO cas_providers VALUES ('default.team', 'casavi');
INSERT INTO cas_providers VALUES ('default.team', 'somekey');
INSERT INTO cas_providers VALUES ('default.team/kept', 'casavi');
INSERT INTO cas_providers VALUES ('default.team/kept', 'somekey');
INSERT INTO cas_residents VALUES ('*ac5cb4e8c0aaee165b1db05ff48574810df6d8e32c5cdee9d25475ad23860314', 101, 433);
INSERT INTO cas_residents VALUES ('*ac5cb4e8c0aaee165b1db05ff48574810df6d8e32c5cdee9d25475ad23860314', 102, 434);
INSERT INTO cas_residents VALUES ('*ac5cb4e8c0aaee165b1db05ff48574810df6d8e32c5cdee9d25475ad23860314', 201, 501);
INSERT INTO cas_residents VALUES ('default', 101, 433);
INSERT INTO cas_residents VALUES ('default', 102, 434);
INSERT INTO cas_residents VALUES ('default', 201, 501);
INSERT INTO cas_residents VALUES ('default.team', 101, 433);
INSERT INTO cas_residents VALUES ('default.team', 102, 434);
INSERT INTO cas_residents VALUES ('default.team', 201, 501);
INSERT INTO cas_residents VALUES ('default.team/kept', 101, 433);
INSERT INTO cas_residents VALUES ('default.team/kept', 102, 434);
INSERT INTO cas_residents VALUES ('default.team/kept', 201, 501);
INSERT INTO cas_tenants VALUES ('*ac5cb4e8c0aaee165b1db05ff48574810df6d8e32c5cdee9d25475ad23860314', 1, 'Hausverwaltung Sonnenschein GmbH');
INSERT INTO cas_tenants VALUES ('*ac5cb4e8c0aaee165b1db05ff48574810df6d8e32c5cdee9d25475ad23860314', 2, 'Seeblick Immobilien KG');
INSERT INTO cas_tenants VALUES ('default', 1, 'Hausverwaltung Sonnenschein GmbH');
INSERT INTO cas_tenants VALUES ('default', 2, 'Seeblick Immobilien KG');
INSERT INTO cas_tenants VALUES ('default.team', 1, 'Hausverwaltung Sonnenschein GmbH');
INSERT INTO cas_tenants VALUES ('default.team', 2, 'Seeblick Immobilien KG');
INSERT INTO cas_tenants VALUES ('default.team/kept', 1, 'Hausverwaltung Sonnenschein GmbH');
INSERT INTO cas_tenants VALUES ('default.team/kept', 2, 'Seeblick Immobilien KG');
INSERT INTO cas_units VALUES ('*ac5cb4e8c0aaee165b1db05ff48574810df6d8e32c5cdee9d25475ad23860314', 433, 1, 'House A, 2nd floor left');
INSERT INTO cas_units VALUES ('*ac5cb4e8c0aaee165b1db05ff48574810df6d8e32c5cdee9d25475ad23860314', 434, 1, 'House A, 3rd floor right');
INSERT INTO cas_units VALUES ('*ac5cb4e8c0aaee165b1db05ff48574810df6d8e32c5cdee9d25475ad23860314', 501, 2, 'Ground floor');
INSERT INTO cas_units VALUES ('default', 433, 1, 'House A, 2nd floor left');
INSERT INTO cas_units VALUES ('default', 434, 1, 'House A, 3rd floor right');
INSERT INTO cas_units VALUES ('default', 501, 2, 'Ground floor');
INSERT INTO cas_units VALUES ('default.team', 433, 1, 'House A, 2nd floor left');
INSERT INTO cas_units VALUES ('default.team', 434, 1, 'House A, 3rd floor right');
INSERT INTO cas_units VALUES ('default.team', 501, 2, 'Ground floor');
INSERT INTO cas_units VALUES ('default.team/kept', 433, 1, 'House A, 2nd floor left');
INSERT INTO cas_units VALUES ('default.team/kept', 434, 1, 'House A, 3rd floor right');
INSERT INTO cas_units VALUES ('default.team/kept', 501, 2, 'Ground floor');
INSERT INTO cas_uploads VALUES ('default.team', '5cc3a6551605a0b4e9c3334f.bin', '{"path":"5cc3a6551605a0b4e9c3334f.bin","name":"all.bin","fileType":"application/octet-stream","fileSize":256,"thumbs":{}}', false, 1);
INSERT INTO cas_uploads VALUES ('default.team/kept', '5cc3a6551605a0b4e9c3334f.bin', '{"path":"5cc3a6551605a0b4e9c3334f.bin","name":"all.bin","fileType":"application/octet-stream","fileSize":256,"thumbs":{}}', false, 1);
INSERT INTO cas_users VALUES ('*ac5cb4e8c0aaee165b1db05ff48574810df6d8e32c5cdee9d25475ad23860314', 101, 'max', 'max@lindenhof.example', 'max@lindenhof.example', 'max-secret', 'casavi', 'c-101');
INSERT INTO cas_users VALUES ('*ac5cb4e8c0aaee165b1db05ff48574810df6d8e32c5cdee9d25475ad23860314', 102, 'erika', 'erika@lindenhof.example', 'erika@lindenhof.example', 'erika-secret', 'casavi', 'c-102');
INSERT INTO cas_users VALUES ('*ac5cb4e8c0aaee165b1db05ff48574810df6d8e32c5cdee9d25475ad23860314', 201, 'hans', 'hans@seeblick.example', 'hans@seeblick.example', 'hans-secret', 'casavi', 'c-201');
INSERT INTO cas_users VALUES ('default', 101, 'max', 'max@lindenhof.example', 'max@lindenhof.example', 'max-secret', 'casavi', 'c-101');
INSERT INTO cas_users VALUES ('default', 102, 'erika', 'erika@lindenhof.example', 'erika@lindenhof.example', 'erika-secret', 'casavi', 'c-102');
INSERT INTO cas_users VALUES ('default', 201, 'hans', 'hans@seeblick.example', 'hans@seeblick.example', 'hans-secret', 'casavi', 'c-201');
INSERT INTO cas_users VALUES ('default.team', 101, 'max', 'max@lindenhof.example', 'max@lindenhof.example', 'max-secret', 'casavi', 'c-101');
INSERT INTO cas_users VALUES ('default.team', 102, 'erika', 'erika@lindenhof.example', 'erika@lindenhof.example', 'erika-secret', 'casavi', 'c-102');
INSERT INTO cas_users VALUES ('default.team', 201, 'hans', 'hans@seeblick.example', 'hans@seeblick.example', 'hans-secret', 'casavi', 'c-201');
INSERT INTO cas_users VALUES ('default.team/kept', 101, 'max', 'max@lindenhof.example', 'max@lindenhof.example', 'max-secret', 'casavi', 'c-101');
INSERT INTO cas_users VALUES ('default.team/kept', 102, 'erika', 'erika@lindenhof.example', 'erika@lindenhof.example', 'erika-secret', 'casavi', 'c-102');
INSERT INTO cas_users VALUES ('default.team/kept', 201, 'hans', 'hans@seeblick.example', 'hans@seeblick.example', 'hans-secret', 'casavi', 'c-201');
INSERT INTO files VALUES (1, 1256, '\x000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff');
INSERT INTO files VALUES (2, 1140, '\x89504e470d0a1a0a0000000d494844520000003c0000001e0802000000fffaea180000005349444154789cedd2b10900510804d1fb60a0fd976b7235988c08f32a58867d11f15d1399b9bd612caa6a7bc398a52996a6589a7273b4f780589a62698aa52996a6589a6269cacdd1de036269caebeeed0d633f9fac063de6f972140000000049454e44ae426082');
INSERT INTO files VALUES (3, 1430, '\x89504e470d0a1a0a0000000d4948445200000080000000800806000000c33e61cb0000017549444154789ceddad109c4300c05c1b3e5fe5bce95a18f9da92090458147cecc7c3fb2de3967fb195874b71f805def5e0d9409204e0071028813409c00e2decc6c3f038b5c803801c49982e35c803801c409204e007102883304c5b9007176803817204e0071028813409c00e2041067088ab303c4f904c409204e0071028813409c00e204102780384b609c0b1027803801c409204e00710288f33f409c0b1067088a7301e2041027803801c40920ce0e10e702c40920ce1014e702c409204e00710288b303c4b90071028813409c2128ce058813409c00e2ec00712e409c00e2041027803843509c0b102780383b409c0b1027803801c409204e007186a0381720ce0e10e702c409204e0071028813409c00e20c41717680389f803801c409204e0071028813409c00e2041067098c7301e2041027803801c409204e0071fe07887301e20c41712e409c00e2041027803801c4d901e25c803801c41982e25c803801c409204e0071028813409cb71f670a8efb03381705ede83ffba10000000049454e44ae426082');
INSERT INTO journal VALUES (1, 'default', '\x7b2273657373696f6e223a2264656661756c74222c2274696d65223a22323032362d31312d32365430383a33353a32362e3330363535352b30303a3030222c227365636f6e6473223a302e3030363634313830353030303938313534392c22617069223a226c696e61676f7261222c226f7065726174696f6e223a22637265617465436f6d6d756e697479222c226d6574686f64223a22504f5354222c2275726c223a222f6170692f636f6d6d756e6974696573222c22726571756573745f68656164657273223a5b5b22485454505f555345525f4147454e54222c225765726b7a6575672f332e312e39225d2c5b22485454505f484f5354222c226c6f63616c686f7374225d2c5b22434f4e54454e545f54595045222c226170706c69636174696f6e2f6a736f6e225d2c5b22434f4e54454e545f4c454e475448222c223732225d2c5b22485454505f585f4d4f434b5f53455353494f4e222c2264656661756c74225d2c5b22485454505f415554484f52495a4154494f4e222c22426561726572203532383063346465323232643666653535373631656537302e33666462663430386536616439333364366562363964336538383562646635383062336236633336225d5d2c22726571756573745f626f6479223a227b5c22646f6d61696e5f6964735c223a205b5c223930663538313534373061646437396661623966633464645c225d2c205c227469746c655c223a205c224b6570742062792064656661756c745c227d222c22737461747573223a3230312c22726573706f6e73655f68656164657273223a5b5b22436f6e74656e742d54797065222c226170706c69636174696f6e2f6a736f6e225d2c5b22436f6e74656e742d4c656e677468222c22333235225d2c5b2256617279222c224f726967696e225d5d2c22726573706f6e73655f626f6479223a227b5c225f69645c223a5c223563633361363535313630356130623465396333333334665c222c5c227469746c655c223a5c224b6570742062792064656661756c745c222c5c22747970655c223a5c226f70656e5c222c5c2263726561746f725c223a5c223532383063346465323232643666653535373631656537305c222c5c22646f6d61696e5f6964735c223a5b5c223930663538313534373061646437396661623966633464645c225d2c5c2274696d657374616d70735c223a7b5c226372656174696f6e5c223a5c22323032362d31312d32365430383a33353a32362e3330385a5c227d2c5c2261637469766974795f73747265616d5c223a7b5c22757569645c223a5c2235343562393734392d326339322d343264662d386633302d3862313962643562323830635c222c5c2274696d657374616d70735c223a7b5c226372656174696f6e5c223a5c22323032362d31312d32365430383a33353a32362e3330385a5c227d7d7d222c226661756c7473223a5b5d2c2269676e6f726564223a5b5d7d');
INSERT INTO journal VALUES (2, 'default.team', '\x7b2273657373696f6e223a2264656661756c742e7465616d222c2274696d65223a22323032362d31312d32365430383a33353a32362e3332363038332b30303a3030222c227365636f6e6473223a302e303032343237313432303030363639383436332c22617069223a22636173617669222c226f7065726174696f6e223a2275706c6f616446696c65222c226d6574686f64223a22504f5354222c2275726c223a222f6170692f76312f75706c6f616473222c22726571756573745f68656164657273223a5b5b22485454505f555345525f4147454e54222c225765726b7a6575672f332e312e39225d2c5b22485454505f484f5354222c226c6f63616c686f7374225d2c5b22434f4e54454e545f54595045222c226170706c69636174696f6e2f6f637465742d73747265616d225d2c5b22434f4e54454e545f4c454e475448222c22323536225d2c5b22485454505f585f46494c454e414d45222c22616c6c2e62696e225d2c5b22485454505f585f4d4f434b5f53455353494f4e222c2264656661756c742e7465616d225d2c5b22485454505f415554484f52495a4154494f4e222c22426561726572203130312e34366466636238313465343831393266313664316530353062326565613336343565306163386639225d5d2c22726571756573745f626f6479223a225c75303030305c75303030315c75303030325c75303030335c75303030345c75303030355c75303030365c75303030375c625c745c6e5c75303030625c665c725c75303030655c75303030665c75303031305c75303031315c75303031325c75303031335c75303031345c75303031355c75303031365c75303031375c75303031385c75303031395c75303031615c75303031625c75303031635c75303031645c75303031655c753030316620215c22232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5c5d5e5f606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7fc280c281c282c283c284c285c286c287c288c289c28ac28bc28cc28dc28ec28fc290c291c292c293c294c295c296c297c298c299c29ac29bc29cc29dc29ec29fc2a0c2a1c2a2c2a3c2a4c2a5c2a6c2a7c2a8c2a9c2aac2abc2acc2adc2aec2afc2b0c2b1c2b2c2b3c2b4c2b5c2b6c2b7c2b8c2b9c2bac2bbc2bcc2bdc2bec2bfc380c381c382c383c384c385c386c387c388c389c38ac38bc38cc38dc38ec38fc390c391c392c393c394c395c396c397c398c399c39ac39bc39cc39dc39ec39fc3a0c3a1c3a2c3a3c3a4c3a5c3a6c3a7c3a8c3a9c3aac3abc3acc3adc3aec3afc3b0c3b1c3b2c3b3c3b4c3b5c3b6c3b7c3b8c3b9c3bac3bbc3bcc3bdc3bec3bf222c22737461747573223a3230312c22726573706f6e73655f68656164657273223a5b5b224c6f636174696f6e222c222f6170692f76312f75706c6f6164732f3563633361363535313630356130623465396333333334662e62696e225d2c5b22436f6e74656e742d54797065222c226170706c69636174696f6e2f6a736f6e225d2c5b22436f6e74656e742d4c656e677468222c22313231225d2c5b2256617279222c224f726967696e225d5d2c22726573706f6e73655f626f6479223a227b5c22706174685c223a5c223563633361363535313630356130623465396333333334662e62696e5c222c5c226e616d655c223a5c22616c6c2e62696e5c222c5c2266696c65547970655c223a5c226170706c69636174696f6e2f6f637465742d73747265616d5c222c5c2266696c6553697a655c223a3235362c5c227468756d62735c223a7b7d7d222c226661756c7473223a5b5d2c2269676e6f726564223a5b5d7d');
INSERT INTO journal VALUES (3, 'default.team', '\x7b2273657373696f6e223a2264656661756c742e7465616d222c2274696d65223a22323032362d31312d32365430383a33353a32362e3332383839352b30303a3030222c227365636f6e6473223a302e303032313032383038393937373333353138352c22617069223a226c696e61676f7261222c226f7065726174696f6e223a22637265617465436f6d6d756e697479222c226d6574686f64223a22504f5354222c2275726c223a222f6170692f636f6d6d756e6974696573222c22726571756573745f68656164657273223a5b5b22485454505f555345525f4147454e54222c225765726b7a6575672f332e312e39225d2c5b22485454505f484f5354222c226c6f63616c686f7374225d2c5b22434f4e54454e545f54595045222c226170706c69636174696f6e2f6a736f6e225d2c5b22434f4e54454e545f4c454e475448222c22313233225d2c5b22485454505f585f4d4f434b5f53455353494f4e222c2264656661756c742e7465616d225d2c5b22485454505f415554484f52495a4154494f4e222c22426561726572203532383063346465323232643666653535373631656537302e33666462663430386536616439333364366562363964336538383562646635383062336236633336225d5d2c22726571756573745f626f6479223a227b5c226465736372697074696f6e5c223a205c223563633361363535313630356130623465396333333334662e62696e5c222c205c22646f6d61696e5f6964735c223a205b5c223930663538313534373061646437396661623966633464645c225d2c205c227469746c655c223a205c224265666f72652074686520736e617073686f745c227d222c22737461747573223a3230312c22726573706f6e73655f68656164657273223a5b5b22436f6e74656e742d54797065222c226170706c69636174696f6e2f6a736f6e225d2c5b22436f6e74656e742d4c656e677468222c22333734225d2c5b2256617279222c224f726967696e225d5d2c22726573706f6e73655f626f6479223a227b5c225f69645c223a5c223534356239373439326339326232646635663330386231395c222c5c227469746c655c223a5c224265666f72652074686520736e617073686f745c222c5c22747970655c223a5c226f70656e5c222c5c2263726561746f725c223a5c223532383063346465323232643666653535373631656537305c222c5c22646f6d61696e5f6964735c223a5b5c223930663538313534373061646437396661623966633464645c225d2c5c2274696d657374616d70735c223a7b5c226372656174696f6e5c223a5c22323032362d31312d32365430383a33353a32362e3332395a5c227d2c5c2261637469766974795f73747265616d5c223a7b5c22757569645c223a5c2264636263626161392d613766652d346138372d383630622d6636346332363931623537615c222c5c2274696d657374616d70735c223a7b5c226372656174696f6e5c223a5c22323032362d31312d32365430383a33353a32362e3332395a5c227d7d2c5c226465736372697074696f6e5c223a5c223563633361363535313630356130623465396333333334662e62696e5c227d222c226661756c7473223a5b5d2c2269676e6f726564223a5b5d7d');
INSERT INTO journal VALUES (4, 'default.team', '\x7b2273657373696f6e223a2264656661756c742e7465616d222c2274696d65223a22323032362d31312d32365430383a33353a32362e3333313238312b30303a3030222c227365636f6e6473223a302e3030383437373330373030313135373839372c22617069223a226c696e61676f7261222c226f7065726174696f6e223a2275706c6f6164436f6d6d756e697479417661746172222c226d6574686f64223a22504f5354222c2275726c223a222f6170692f636f6d6d756e69746965732f3534356239373439326339326232646635663330386231392f6176617461723f6d696d65747970653d696d6167652f706e672673697a653d313430222c22726571756573745f68656164657273223a5b5b22485454505f555345525f4147454e54222c225765726b7a6575672f332e312e39225d2c5b22485454505f484f5354222c226c6f63616c686f7374225d2c5b22434f4e54454e545f54595045222c22696d6167652f706e67225d2c5b22434f4e54454e545f4c454e475448222c22313430225d2c5b22485454505f585f4d4f434b5f53455353494f4e222c2264656661756c742e7465616d225d2c5b22485454505f415554484f52495a4154494f4e222c22426561726572203532383063346465323232643666653535373631656537302e33666462663430386536616439333364366562363964336538383562646635383062336236633336225d5d2c22726571756573745f626f6479223a22c289504e475c725c6e5c75303031615c6e5c75303030305c75303030305c75303030305c72494844525c75303030305c75303030305c75303030303c5c75303030305c75303030305c75303030305c75303031655c625c75303030325c75303030305c75303030305c7530303030c3bfc3bac3aa5c75303031385c75303030305c75303030305c7530303030534944415478c29cc3adc392c2b15c745c7530303030515c625c7530303034c391c3bb60c2a0c3bdc2976b7235c298c28c5c62c3b32a58c2867d5c7530303131c3b15d5c7530303133c299c2b9c2bd612cc2aa6a7bc383c298c2a529c296c2a658c29a7273c2b4c3b7c28058c29a6269c28ac2a529c296c2a658c29a6269c38ac38dc391c39e5c75303030336269c38ac3abc3aec3ad5c72633fc29fc2ac5c75303030363dc3a6c3b9725c75303031345c75303030305c75303030305c75303030305c753030303049454e44c2ae4260c282222c22737461747573223a3230302c22726573706f6e73655f68656164657273223a5b5b22436f6e74656e742d54797065222c226170706c69636174696f6e2f6a736f6e225d2c5b22436f6e74656e742d4c656e677468222c223436225d2c5b2256617279222c224f726967696e225d5d2c22726573706f6e73655f626f6479223a227b5c225f69645c223a5c2231396338383766352d666435652d343733352d383434392d6261303838653833353130665c227d222c226661756c7473223a5b5d2c2269676e6f726564223a5b5d7d');
INSERT INTO journal VALUES (5, 'default.team', '\x7b2273657373696f6e223a2264656661756c742e7465616d222c2274696d65223a22323032362d31312d32365430383a33353a32362e3336313738342b30303a3030222c227365636f6e6473223a302e3030373238313832373939383636373732332c22617069223a226c696e61676f7261222c226f7065726174696f6e223a22757064617465436f6d6d756e697479222c226d6574686f64223a22505554222c2275726c223a222f6170692f636f6d6d756e69746965732f353435623937343932633932623264663566333038623139222c22726571756573745f68656164657273223a5b5b22485454505f555345525f4147454e54222c225765726b7a6575672f332e312e39225d2c5b22485454505f484f5354222c226c6f63616c686f7374225d2c5b22434f4e54454e545f54595045222c226170706c69636174696f6e2f6a736f6e225d2c5b22434f4e54454e545f4c454e475448222c223331225d2c5b22485454505f585f4d4f434b5f53455353494f4e222c2264656661756c742e7465616d225d2c5b22485454505f415554484f52495a4154494f4e222c22426561726572203532383063346465323232643666653535373631656537302e33666462663430386536616439333364366562363964336538383562646635383062336236633336225d5d2c22726571756573745f626f6479223a227b5c227469746c655c223a205c2241667465722074686520736e617073686f745c227d222c22737461747573223a3230302c22726573706f6e73655f68656164657273223a5b5b22436f6e74656e742d54797065222c226170706c69636174696f6e2f6a736f6e225d2c5b22436f6e74656e742d4c656e677468222c2232225d2c5b2256617279222c224f726967696e225d5d2c22726573706f6e73655f626f6479223a227b7d222c226661756c7473223a5b5d2c2269676e6f726564223a5b5d7d');
INSERT INTO lin_communities VALUES ('default', '5cc3a6551605a0b4e9c3334f', 3, 'Kept by default', 'kept by default', NULL, 'open', '5280c4de222d6fe55761ee70', NULL, NULL, '2026-11-26T08:35:26.308Z', '545b9749-2c92-42df-8f30-8b19bd5b280c');
INSERT INTO lin_communities VALUES ('default.team/kept', '545b97492c92b2df5f308b19', 4, 'Before the snapshot', 'before the snapshot', '5cc3a6551605a0b4e9c3334f.bin', 'open', '5280c4de222d6fe55761ee70', '19c887f5-fd5e-4735-8449-ba088e83510f', 1795682126, '2026-11-26T08:35:26.329Z', 'dcbcbaa9-a7fe-4a87-860b-f64c2691b57a');
INSERT INTO lin_communities VALUES ('default.team', '545b97492c92b2df5f308b19', 4, 'After the snapshot', 'after the snapshot', '5cc3a6551605a0b4e9c3334f.bin', 'open', '5280c4de222d6fe55761ee70', '19c887f5-fd5e-4735-8449-ba088e83510f', 1795682126, '2026-11-26T08:35:26.329Z', 'dcbcbaa9-a7fe-4a87-860b-f64c2691b57a');
INSERT INTO lin_community_domains VALUES ('default', '5cc3a6551605a0b4e9c3334f', '90f5815470add79fab9fc4dd', 0, 'Kept by default');
INSERT INTO lin_community_domains VALUES ('default.team/kept', '545b97492c92b2df5f308b19', '90f5815470add79fab9fc4dd', 0, 'Before the snapshot');
INSERT INTO lin_community_domains VALUES ('default.team', '545b97492c92b2df5f308b19', '90f5815470add79fab9fc4dd', 0, 'After the snapshot');
INSERT INTO lin_domains VALUES ('*ac5cb4e8c0aaee165b1db05ff48574810df6d8e32c5cdee9d25475ad23860314', '90f5815470add79fab9fc4dd', 'main');
INSERT INTO lin_domains VALUES ('*ac5cb4e8c0aaee165b1db05ff48574810df6d8e32c5cdee9d25475ad23860314', 'f303dd02e97be075f0b579ac', 'other');
INSERT INTO lin_domains VALUES ('default', '90f5815470add79fab9fc4dd', 'main');
INSERT INTO lin_domains VALUES ('default', 'f303dd02e97be075f0b579ac', 'other');
INSERT INTO lin_domains VALUES ('default.team', '90f5815470add79fab9fc4dd', 'main');
INSERT INTO lin_domains VALUES ('default.team', 'f303dd02e97be075f0b579ac', 'other');
INSERT INTO lin_domains VALUES ('default.team/kept', '90f5815470add79fab9fc4dd', 'main');
INSERT INTO lin_domains VALUES ('default.team/kept', 'f303dd02e97be075f0b579ac', 'other');
INSERT INTO lin_images VALUES ('default.team', '19c887f5-fd5e-4735-8449-ba088e83510f', '545b97492c92b2df5f308b19', 'image/png', 2, 3);
INSERT INTO lin_images VALUES ('default.team/kept', '19c887f5-fd5e-4735-8449-ba088e83510f', '545b97492c92b2df5f308b19', 'image/png', 2, 3);
INSERT INTO lin_members VALUES ('default', '5cc3a6551605a0b4e9c3334f', '5280c4de222d6fe55761ee70', 4, '2026-11-26T08:35:26.308Z');
INSERT INTO lin_members VALUES ('default.team', '545b97492c92b2df5f308b19', '5280c4de222d6fe55761ee70', 5, '2026-11-26T08:35:26.329Z');
INSERT INTO lin_members VALUES ('default.team/kept', '545b97492c92b2df5f308b19', '5280c4de222d6fe55761ee70', 5, '2026-11-26T08:35:26.329Z');
INSERT INTO lin_user_domains VALUES ('*ac5cb4e8c0aaee165b1db05ff48574810df6d8e32c5cdee9d25475ad23860314', 'f8271e660231e625648bec29', '90f5815470add79fab9fc4dd', true, '2024-01-15T09:00:00.000Z');
INSERT INTO lin_user_domains VALUES ('*ac5cb4e8c0aaee165b1db05ff48574810df6d8e32c5cdee9d25475ad23860314', '5280c4de222d6fe55761ee70', '90f5815470add79fab9fc4dd', false, '2024-01-15T09:00:00.000Z');
INSERT INTO lin_user_domains VALUES ('*ac5cb4e8c0aaee165b1db05ff48574810df6d8e32c5cdee9d25475ad23860314', '3861dc06c20ab0d94b2ddbc2', '90f5815470add79fab9fc4dd', false, '2024-01-15T09:00:00.000Z');
INSERT INTO lin_user_domains VALUES ('*ac5cb4e8c0aaee165b1db05ff48574810df6d8e32c5cdee9d25475ad23860314', '197e87f2a49f19f90acc4c16', '90f5815470add79fab9fc4dd', false, '2024-01-15T09:00:00.000Z');
INSERT INTO lin_user_domains VALUES ('*ac5cb4e8c0aaee165b1db05ff48574810df6d8e32c5cdee9d25475ad23860314', '08f8b3ce203b9e7a76b7b7af', '90f5815470add79fab9fc4dd', false, '2024-01-15T09:00:00.000Z');
INSERT INTO lin_user_domains VALUES ('*ac5cb4e8c0aaee165b1db05ff48574810df6d8e32c5cdee9d25475ad23860314', 'f0b7b71cb8c5cf244c24b334', 'f303dd02e97be075f0b579ac', false, '2024-01-15T09:00:00.000Z');
INSERT INTO lin_user_domains VALUES ('default', 'f8271e660231e625648bec29', '90f5815470add79fab9fc4dd', true, '2024-01-15T09:00:00.000Z');
INSERT INTO lin_user_domains VALUES ('default', '5280c4de222d6fe55761ee70', '90f5815470add79fab9fc4dd', false, '2024-01-15T09:00:00.000Z');
INSERT INTO lin_user_domains VALUES ('default', '3861dc06c20ab0d94b2ddbc2', '90f5815470add79fab9fc4dd', false, '2024-01-15T09:00:00.000Z');
INSERT INTO lin_user_domains VALUES ('default', '197e87f2a49f19f90acc4c16', '90f5815470add79fab9fc4dd', false, '2024-01-15T09:00:00.000Z');
INSERT INTO lin_user_domains VALUES ('default', '08f8b3ce203b9e7a76b7b7af', '90f5815470add79fab9fc4dd', false, '2024-01-15T09:00:00.000Z');
INSERT INTO lin_user_domains VALUES ('default', 'f0b7b71cb8c5cf244c24b334', 'f303dd02e97be075f0b579ac', false, '2024-01-15T09:00:00.000Z');
INSERT INTO lin_user_domains VALUES ('default.team', 'f8271e660231e625648bec29', '90f5815470add79fab9fc4dd', true, '2024-01-15T09:00:00.000Z');
INSERT INTO lin_user_domains VALUES ('default.team', '5280c4de222d6fe55761ee70', '90f5815470add79fab9fc4dd', false, '2024-01-15T09:00:00.000Z');
INSERT INTO lin_user_domains VALUES ('default.team', '3861dc06c20ab0d94b2ddbc2', '90f5815470add79fab9fc4dd', false, '2024-01-15T09:00:00.000Z');
INSERT INTO lin_user_domains VALUES ('default.team', '197e87f2a49f19f90acc4c16', '90f5815470add79fab9fc4dd', false, '2024-01-15T09:00:00.000Z');
INSERT INTO lin_user_domains VALUES ('default.team', '08f8b3ce203b9e7a76b7b7af', '90f5815470add79fab9fc4dd', false, '2024-01-15T09:00:00.000Z');
INSERT INTO lin_user_domains VALUES ('default.team', 'f0b7b71cb8c5cf244c24b334', 'f303dd02e97be075f0b579ac', false, '2024-01-15T09:00:00.000Z');
INSERT INTO lin_user_domains VALUES ('default.team/kept', 'f8271e660231e625648bec29', '90f5815470add79fab9fc4dd', true, '2024-01-15T09:00:00.000Z');
INSERT INTO lin_user_domains VALUES ('default.team/kept', '5280c4de222d6fe55761ee70', '90f5815470add79fab9fc4dd', false, '2024-01-15T09:00:00.000Z');
INSERT INTO lin_user_domains VALUES ('default.team/kept', '3861dc06c20ab0d94b2ddbc2', '90f5815470add79fab9fc4dd', false, '2024-01-15T09:00:00.000Z');
INSERT INTO lin_user_domains VALUES ('default.team/kept', '197e87f2a49f19f90acc4c16', '90f5815470add79fab9fc4dd', false, '2024-01-15T09:00:00.000Z');
INSERT INTO lin_user_domains VALUES ('default.team/kept', '08f8b3ce203b9e7a76b7b7af', '90f5815470add79fab9fc4dd', false, '2024-01-15T09:00:00.000Z');
INSERT INTO lin_user_domains VALUES ('default.team/kept', 'f0b7b71cb8c5cf244c24b334', 'f303dd02e97be075f0b579ac', false, '2024-01-15T09:00:00.000Z');
INSERT INTO lin_users VALUES ('*ac5cb4e8c0aaee165b1db05ff48574810df6d8e32c5cdee9d25475ad23860314', 'f8271e660231e625648bec29', 'admin', 'admin@main.example', 'admin-secret', 'Agathe', 'Moreau', NULL, NULL, '2024-01-15T09:00:00.000Z', 'agathe
moreau
admin@main.example');
INSERT INTO lin_users VALUES ('*ac5cb4e8c0aaee165b1db05ff48574810df6d8e32c5cdee9d25475ad23860314', '5280c4de222d6fe55761ee70', 'alice', 'alice@main.example', 'alice-secret', 'Alice', 'Lefèvre', NULL, NULL, '2024-01-15T09:00:00.000Z', 'alice
lefevre
alice@main.example');
INSERT INTO lin_users VALUES ('*ac5cb4e8c0aaee165b1db05ff48574810df6d8e32c5cdee9d25475ad23860314', '3861dc06c20ab0d94b2ddbc2', 'bob', 'bob@main.example', 'bob-secret', 'Bob', 'Müller', NULL, NULL, '2024-01-15T09:00:00.000Z', 'bob
muller
bob@main.example');
INSERT INTO lin_users VALUES ('*ac5cb4e8c0aaee165b1db05ff48574810df6d8e32c5cdee9d25475ad23860314', '197e87f2a49f19f90acc4c16', 'carol', 'carol@main.example', 'carol-secret', 'Carol', 'Nguyễn', NULL, NULL, '2024-01-15T09:00:00.000Z', 'carol
nguyen
carol@main.example');
INSERT INTO lin_users VALUES ('*ac5cb4e8c0aaee165b1db05ff48574810df6d8e32c5cdee9d25475ad23860314', '08f8b3ce203b9e7a76b7b7af', 'dave', 'dave@main.example', 'dave-secret', 'Dave', 'O''Connor', NULL, NULL, '2024-01-15T09:00:00.000Z', 'dave
o''connor
dave@main.example');
INSERT INTO lin_users VALUES ('*ac5cb4e8c0aaee165b1db05ff48574810df6d8e32c5cdee9d25475ad23860314', 'f0b7b71cb8c5cf244c24b334', 'outsider', 'outsider@other.example', 'outsider-secret', 'Oscar', 'Lindqvist', NULL, NULL, '2024-01-15T09:00:00.000Z', 'oscar
lindqvist
outsider@other.example');
INSERT INTO lin_users VALUES ('default', '08f8b3ce203b9e7a76b7b7af', 'dave', 'dave@main.example', 'dave-secret', 'Dave', 'O''Connor', NULL, NULL, '2024-01-15T09:00:00.000Z', 'dave
o''connor
dave@main.example');
INSERT INTO lin_users VALUES ('default', '197e87f2a49f19f90acc4c16', 'carol', 'carol@main.example', 'carol-secret', 'Carol', 'Nguyễn', NULL, NULL, '2024-01-15T09:00:00.000Z', 'carol
nguyen
carol@main.example');
INSERT INTO lin_users VALUES ('default', '3861dc06c20ab0d94b2ddbc2', 'bob', 'bob@main.example', 'bob-secret', 'Bob', 'Müller', NULL, NULL, '2024-01-15T09:00:00.000Z', 'bob
muller
bob@main.example');
INSERT INTO lin_users VALUES ('default', '5280c4de222d6fe55761ee70', 'alice', 'alice@main.example', 'alice-secret', 'Alice', 'Lefèvre', NULL, NULL, '2024-01-15T09:00:00.000Z', 'alice
lefevre
alice@main.example');
INSERT INTO lin_users VALUES ('default', 'f0b7b71cb8c5cf244c24b334', 'outsider', 'outsider@other.example', 'outsider-secret', 'Oscar', 'Lindqvist', NULL, NULL, '2024-01-15T09:00:00.000Z', 'oscar
lindqvist
outsider@other.example');
INSERT INTO lin_users VALUES ('default', 'f8271e660231e625648bec29', 'admin', 'admin@main.example', 'admin-secret', 'Agathe', 'Moreau', NULL, NULL, '2024-01-15T09:00:00.000Z', 'agathe
moreau
admin@main.example');
INSERT INTO lin_users VALUES ('default.team', '08f8b3ce203b9e7a76b7b7af', 'dave', 'dave@main.example', 'dave-secret', 'Dave', 'O''Connor', NULL, NULL, '2024-01-15T09:00:00.000Z', 'dave
o''connor
dave@main.example');
INSERT INTO lin_users VALUES ('default.team', '197e87f2a49f19f90acc4c16', 'carol', 'carol@main.example', 'carol-secret', 'Carol', 'Nguyễn', NULL, NULL, '2024-01-15T09:00:00.000Z', 'carol
nguyen
carol@main.example');
INSERT INTO lin_users VALUES ('default.team', '3861dc06c20ab0d94b2ddbc2', 'bob', 'bob@main.example', 'bob-secret', 'Bob', 'Müller', NULL, NULL, '2024-01-15T09:00:00.000Z', 'bob
muller
bob@main.example');
INSERT INTO lin_users VALUES ('default.team', '5280c4de222d6fe55761ee70', 'alice', 'alice@main.example', 'alice-secret', 'Alice', 'Lefèvre', NULL, NULL, '2024-01-15T09:00:00.000Z', 'alice
lefevre
alice@main.example');
INSERT INTO lin_users VALUES ('default.team', 'f0b7b71cb8c5cf244c24b334', 'outsider', 'outsider@other.example', 'outsider-secret', 'Oscar', 'Lindqvist', NULL, NULL, '2024-01-15T09:00:00.000Z', 'oscar
lindqvist
outsider@other.example');
INSERT INTO lin_users VALUES ('default.team', 'f8271e660231e625648bec29', 'admin', 'admin@main.example', 'admin-secret', 'Agathe', 'Moreau', NULL, NULL, '2024-01-15T09:00:00.000Z', 'agathe
moreau
admin@main.example');
INSERT INTO lin_users VALUES ('default.team/kept', '08f8b3ce203b9e7a76b7b7af', 'dave', 'dave@main.example', 'dave-secret', 'Dave', 'O''Connor', NULL, NULL, '2024-01-15T09:00:00.000Z', 'dave
o''connor
dave@main.example');
INSERT INTO lin_users VALUES ('default.team/kept', '197e87f2a49f19f90acc4c16', 'carol', 'carol@main.example', 'carol-secret', 'Carol', 'Nguyễn', NULL, NULL, '2024-01-15T09:00:00.000Z', 'carol
nguyen
carol@main.example');
INSERT INTO lin_users VALUES ('default.team/kept', '3861dc06c20ab0d94b2ddbc2', 'bob', 'bob@main.example', 'bob-secret', 'Bob', 'Müller', NULL, NULL, '2024-01-15T09:00:00.000Z', 'bob
muller
bob@main.example');
INSERT INTO lin_users VALUES ('default.team/kept', '5280c4de222d6fe55761ee70', 'alice', 'alice@main.example', 'alice-secret', 'Alice', 'Lefèvre', NULL, NULL, '2024-01-15T09:00:00.000Z', 'alice
lefevre
alice@main.example');
INSERT INTO lin_users VALUES ('default.team/kept', 'f0b7b71cb8c5cf244c24b334', 'outsider', 'outsider@other.example', 'outsider-secret', 'Oscar', 'Lindqvist', NULL, NULL, '2024-01-15T09:00:00.000Z', 'oscar
lindqvist
outsider@other.example');
INSERT INTO lin_users VALUES ('default.team/kept', 'f8271e660231e625648bec29', 'admin', 'admin@main.example', 'admin-secret', 'Agathe', 'Moreau', NULL, NULL, '2024-01-15T09:00:00.000Z', 'agathe
moreau
admin@main.example');
INSERT INTO mock_server_tables VALUES ('84e055d7f4626f7ac19b5f28060b18f296838658c27bae9ed860bf2cabe50fff');
INSERT INTO sessions VALUES ('*ac5cb4e8c0aaee165b1db05ff48574810df6d8e32c5cdee9d25475ad23860314', 'empty', 0, 0, NULL);
INSERT INTO sessions VALUES ('default', 'empty', 4, 1795682126.305188, NULL);
INSERT INTO sessions VALUES ('default.team/kept', 'empty', 6, 1795682126.341096, NULL);
INSERT INTO sessions VALUES ('default.team', 'empty', 6, 1795682126.314994, '{"clock":{"ahead":0.0,"standsAt":"2030-01-31T12:00:00+00:00"},"faults":[{"name":"down","effects":{"status":503},"api":null,"operation":"getCommunity","caller":null,"callers":[],"every":1,"times":5,"probability":1,"matched":0,"hits":0}]}');
SELECT pg_catalog.setval('files_id_seq', 3, true);
SELECT pg_catalog.setval('journal_id_seq', 5, true);
ALTER TABLE ONLY cas_activities
    ADD CONSTRAINT cas_activities_pkey PRIMARY KEY (session, id);
ALTER TABLE ONLY cas_appointments
    ADD CONSTRAINT cas_appointments_pkey PRIMARY KEY (session, id);
ALTER TABLE ONLY cas_clients
    ADD CONSTRAINT cas_clients_pkey PRIMARY KEY (session, client_id);
ALTER TABLE ONLY cas_communities
    ADD CONSTRAINT cas_communities_pkey PRIMARY KEY (session, id);
ALTER TABLE ONLY cas_contacts
    ADD CONSTRAINT cas_contacts_pkey PRIMARY KEY (session, id);
ALTER TABLE ONLY cas_failures
    ADD CONSTRAINT cas_failures_pkey PRIMARY KEY (session, client);
ALTER TABLE ONLY cas_faq_articles
    ADD CONSTRAINT cas_faq_articles_pkey PRIMARY KEY (session, id);
ALTER TABLE ONLY cas_faq_groups
    ADD CONSTRAINT cas_faq_groups_pkey PRIMARY KEY (session, id);
ALTER TABLE ONLY cas_grants
    ADD CONSTRAINT cas_grants_pkey PRIMARY KEY (session, id);
ALTER TABLE ONLY cas_important_contacts
    ADD CONSTRAINT cas_important_contacts_pkey PRIMARY KEY (session, id);
ALTER TABLE ONLY cas_invitations
    ADD CONSTRAINT cas_invitations_pkey PRIMARY KEY (session, id);
ALTER TABLE ONLY cas_members
    ADD CONSTRAINT cas_members_pkey PRIMARY KEY (session, user_id, community_id);
ALTER TABLE ONLY cas_notifications
    ADD CONSTRAINT cas_notifications_pkey PRIMARY KEY (session, id);
ALTER TABLE ONLY cas_official_posts
    ADD CONSTRAINT cas_official_posts_pkey PRIMARY KEY (session, id);
ALTER TABLE ONLY cas_providers
    ADD CONSTRAINT cas_providers_pkey PRIMARY KEY (session, key);
ALTER TABLE ONLY cas_residents
    ADD CONSTRAINT cas_residents_pkey PRIMARY KEY (session, user_id, unit_id);
ALTER TABLE ONLY cas_tenants
    ADD CONSTRAINT cas_tenants_pkey PRIMARY KEY (session, id);
ALTER TABLE ONLY cas_ticket_comments
    ADD CONSTRAINT cas_ticket_comments_pkey PRIMARY KEY (session, id);
ALTER TABLE ONLY cas_ticket_types
    ADD CONSTRAINT cas_ticket_types_pkey PRIMARY KEY (session, id);
ALTER TABLE ONLY cas_tickets
    ADD CONSTRAINT cas_tickets_pkey PRIMARY KEY (session, id);
ALTER TABLE ONLY cas_units
    ADD CONSTRAINT cas_units_pkey PRIMARY KEY (session, id);
ALTER TABLE ONLY cas_unread_chats
    ADD CONSTRAINT cas_unread_chats_pkey PRIMARY KEY (session, user_id, community_id);
ALTER TABLE ONLY cas_uploads
    ADD CONSTRAINT cas_uploads_pkey PRIMARY KEY (session, path);
ALTER TABLE ONLY cas_users
    ADD CONSTRAINT cas_users_pkey PRIMARY KEY (session, id);
ALTER TABLE ONLY files
    ADD CONSTRAINT files_pkey PRIMARY KEY (id);
ALTER TABLE ONLY journal
    ADD CONSTRAINT journal_pkey PRIMARY KEY (id);
ALTER TABLE ONLY lin_communities
    ADD CONSTRAINT lin_communities_pkey PRIMARY KEY (session, id);
ALTER TABLE ONLY lin_community_domains
    ADD CONSTRAINT lin_community_domains_pkey PRIMARY KEY (session, community_id, domain_id);
ALTER TABLE ONLY lin_domains
    ADD CONSTRAINT lin_domains_pkey PRIMARY KEY (session, id);
ALTER TABLE ONLY lin_images
    ADD CONSTRAINT lin_images_pkey PRIMARY KEY (session, id);
ALTER TABLE ONLY lin_members
    ADD CONSTRAINT lin_members_pkey PRIMARY KEY (session, community_id, user_id);
ALTER TABLE ONLY lin_membership_requests
    ADD CONSTRAINT lin_membership_requests_pkey PRIMARY KEY (session, community_id, user_id);
ALTER TABLE ONLY lin_community_domains
    ADD CONSTRAINT lin_title_per_domain UNIQUE (session, domain_id, unique_title);
ALTER TABLE ONLY lin_user_domains
    ADD CONSTRAINT lin_user_domains_pkey PRIMARY KEY (session, user_id, domain_id);
ALTER TABLE ONLY lin_users
    ADD CONSTRAINT lin_users_pkey PRIMARY KEY (session, id);
ALTER TABLE ONLY mock_server_tables
    ADD CONSTRAINT mock_server_tables_pkey PRIMARY KEY (fingerprint);
ALTER TABLE ONLY sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (session);
CREATE INDEX cas_activities_community ON cas_activities USING btree (session, community_id, created_at);
CREATE INDEX cas_appointments_community ON cas_appointments USING btree (session, community_id, starts_at);
CREATE UNIQUE INDEX cas_invitations_token ON cas_invitations USING btree (session, token);
CREATE INDEX cas_members_community ON cas_members USING btree (session, community_id);
CREATE INDEX cas_notifications_latest ON cas_notifications USING btree (session, community_id, created_at);
CREATE INDEX cas_notifications_user ON cas_notifications USING btree (session, user_id, community_id, created_at);
CREATE INDEX cas_official_posts_community ON cas_official_posts USING btree (session, community_id, created_at);
CREATE INDEX cas_ticket_comments_ticket ON cas_ticket_comments USING btree (session, ticket_id, created_by);
CREATE INDEX cas_ticket_types_community ON cas_ticket_types USING btree (session, community_id);
CREATE INDEX cas_tickets_community ON cas_tickets USING btree (session, community_id);
CREATE UNIQUE INDEX cas_users_email ON cas_users USING btree (session, email_folded);
CREATE UNIQUE INDEX cas_users_sub ON cas_users USING btree (session, provider, sub);
CREATE INDEX journal_session ON journal USING btree (session, id);
CREATE INDEX lin_communities_title ON lin_communities USING btree (session, title);
CREATE INDEX lin_members_rank ON lin_members USING btree (session, community_id, rank);
CREATE INDEX lin_user_domains_domain ON lin_user_domains USING btree (session, domain_id);
ALTER TABLE ONLY lin_community_domains
    ADD CONSTRAINT lin_community_domains_session_community_id_fkey FOREIGN KEY (session, community_id) REFERENCES lin_communities(session, id) ON DELETE CASCADE;
ALTER TABLE ONLY lin_images
    ADD CONSTRAINT lin_images_session_community_id_fkey FOREIGN KEY (session, community_id) REFERENCES lin_communities(session, id) ON DELETE CASCADE;
ALTER TABLE ONLY lin_members
    ADD CONSTRAINT lin_members_session_community_id_fkey FOREIGN KEY (session, community_id) REFERENCES lin_communities(session, id) ON DELETE CASCADE;
ALTER TABLE ONLY lin_membership_requests
    ADD CONSTRAINT lin_membership_requests_session_community_id_fkey FOREIGN KEY (session, community_id) REFERENCES lin_communities(session, id) ON DELETE CASCADE;
